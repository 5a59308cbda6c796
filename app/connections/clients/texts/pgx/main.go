// PostgreSQL by pgx: one pool for the process. Everything it has to know is in the environment.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Open reads DATABASE_URL; pgx itself reads PGSSLROOTCERT, PGAPPNAME and PGCONNECT_TIMEOUT.
func Open(ctx context.Context) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		return nil, err
	}
	config.MinConns = number("DATABASE_POOL_MIN", 1)
	config.MaxConns = number("DATABASE_POOL_MAX", 10)
	config.MaxConnIdleTime = 5 * time.Minute
	config.MaxConnLifetime = 30 * time.Minute // so that a rotated login and a moved server are noticed
	config.HealthCheckPeriod = 30 * time.Second
	if seconds := os.Getenv("DATABASE_STATEMENT_TIMEOUT"); seconds != "" {
		config.ConnConfig.RuntimeParams["statement_timeout"] = seconds + "s"
	}
	if os.Getenv("DATABASE_PREPARED_STATEMENTS") == "false" {
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	}
	return pgxpool.NewWithConfig(ctx, config)
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	pool, err := Open(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	var user, database string
	wait, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	query := "SELECT current_user::text, current_database()::text WHERE $1::int = 1"
	if err := pool.QueryRow(wait, query, 1).Scan(&user, &database); err != nil {
		return err
	}
	fmt.Printf("connected as %s to %s\n", user, database)
	<-ctx.Done() // your server runs here
	return nil
}

func number(name string, otherwise int32) int32 {
	if value, err := strconv.ParseInt(os.Getenv(name), 10, 32); err == nil {
		return int32(value)
	}
	return otherwise
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "PostgreSQL:", err)
		os.Exit(1)
	}
}
