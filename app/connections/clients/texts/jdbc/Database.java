import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;

/** PostgreSQL by JDBC and HikariCP: one pool for the process. Everything it has to know is in the environment. */
public final class Database {
    public static HikariDataSource open() {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(System.getenv("JDBC_DATABASE_URL"));
        config.setUsername(System.getenv("PGUSER"));
        config.setPassword(System.getenv("PGPASSWORD"));
        config.setMinimumIdle(number("DATABASE_POOL_MIN", 1));
        config.setMaximumPoolSize(number("DATABASE_POOL_MAX", 10));
        config.setConnectionTimeout(10_000); // that a request waits for a free connection
        config.setIdleTimeout(300_000);
        config.setMaxLifetime(1_800_000); // so that a rotated login and a moved server are noticed
        return new HikariDataSource(config);
    }

    public static void main(String[] arguments) throws InterruptedException {
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        try (HikariDataSource pool = open()) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                stop.countDown();
                try {
                    closed.await();
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                }
                Runtime.getRuntime().halt(0); // otherwise the status would be that of the signal
            }));
            try (Connection connection = pool.getConnection();
                    PreparedStatement statement = connection.prepareStatement(
                            "SELECT current_user, current_database() WHERE ? = 1")) {
                statement.setInt(1, 1);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    System.out.println("connected as " + row.getString(1) + " to " + row.getString(2));
                }
            }
            stop.await(); // your server runs here
        } catch (SQLException | RuntimeException error) {
            System.err.println("PostgreSQL: " + error.getMessage() + " (" + error.getCause() + ")");
            Runtime.getRuntime().halt(1);
        }
        closed.countDown();
    }

    private static int number(String name, int otherwise) {
        String value = System.getenv(name);
        return value == null ? otherwise : Integer.parseInt(value);
    }
}
