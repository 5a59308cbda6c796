// PostgreSQL by Npgsql: one data source for the process. Everything it has to know is in the environment.
using System.Runtime.InteropServices;
using Npgsql;

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

try
{
    // ASP.NET finds the same variable by Configuration.GetConnectionString("Default").
    var text = Environment.GetEnvironmentVariable("ConnectionStrings__Default");
    await using var source = NpgsqlDataSource.Create(text!);
    await using (var command = source.CreateCommand("SELECT current_user, current_database() WHERE $1 = 1"))
    {
        command.Parameters.AddWithValue(1);
        await using var row = await command.ExecuteReaderAsync(stop.Token);
        await row.ReadAsync(stop.Token);
        Console.WriteLine($"connected as {row.GetString(0)} to {row.GetString(1)}");
    }
    await Task.Delay(Timeout.Infinite, stop.Token); // your server runs here
}
catch (OperationCanceledException)
{
    // SIGTERM: the data source is closed already.
}
catch (NpgsqlException error)
{
    Console.Error.WriteLine($"PostgreSQL: {error.Message}");
    return 1;
}
return 0;
