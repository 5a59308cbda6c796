"""What each client is told: one module for each, or for a family, with a ``render(context) -> Rendered``.

``context`` is what they are given, ``variables`` the environment that all of them share, ``registry`` who there is.
The programmes are the files below ``texts/<client>/`` as they stand: they hold no value of any database, but read
everything from the environment, so that they are linted and run as they are printed. Each is complete: it opens a pool,
prints one line that begins with ``connected as``, handles errors of idle connections, bounds its waits, and on SIGTERM
closes the pool and ends with status 0.

The variables that a programme may count on:

- ``DATABASE_URL``, ``DIRECT_URL`` and, while there is a public address, ``DATABASE_PUBLIC_URL``: with ``sslmode`` and
  without the root certificate. A client that reads ``sslmode`` in another way replaces them in ``Rendered.environment``
  by ``context.url(tls=False)``.
- ``PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE PGAPPNAME PGCONNECT_TIMEOUT`` (seconds), ``PGSSLMODE`` (disable, require,
  verify-ca or verify-full), and where it verifies ``PGSSLROOTCERT`` (a path) and ``DATABASE_CA`` (the same roots as text).
- ``DATABASE_SSL_REQUIRED`` (true or false), ``DATABASE_POOL_MIN``, ``DATABASE_POOL_MAX``.
- ``DATABASE_STATEMENT_TIMEOUT`` (seconds): absent through a pooler, which refuses it at the start of a session.
- ``DATABASE_PREPARED_STATEMENTS=false``: only where named prepared statements get lost between client and server.
"""
