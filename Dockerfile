# The control plane with PostgreSQL's programs of every supported major: clients dump and restore, servers (with contrib
# and pgvector, so that common extensions restore) verify backups and recover to a point in time.
FROM python:3.13-slim-trixie AS packages
COPY requirements.lock .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

FROM python:3.13-slim-trixie

# A major that the PostgreSQL project no longer offers for this Debian is left out; the list says which.
ARG PG_MAJORS="13 14 15 16 17 18"
RUN set -eux; \
    export DEBIAN_FRONTEND=noninteractive; \
    apt-get update; \
    apt-get install --yes --no-install-recommends ca-certificates pgbouncer postgresql-common tini; \
    /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y; \
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf; \
    packages=; \
    for major in $PG_MAJORS; do \
        for package in "postgresql-client-$major" "postgresql-$major" "postgresql-$major-pgvector"; do \
            if [ -n "$(apt-cache policy "$package" | awk '/Candidate: [0-9]/')" ]; then \
                packages="$packages $package"; \
            else \
                echo "not offered: $package"; \
            fi; \
        done; \
    done; \
    [ -n "$packages" ]; \
    apt-get install --yes --no-install-recommends $packages; \
    rm -rf /var/lib/apt/lists/*; \
    mkdir -p /usr/share/pgmanager; \
    dpkg-query --show --showformat '${db:Status-Status} ${Package} ${Version}\n' 'postgresql-*' \
        | sed -n 's/^installed //p' | tee /usr/share/pgmanager/postgresql-packages

# Local clusters and this host's id live in the data folder. A volume on Railway belongs to root: set RAILWAY_RUN_UID=0
# there, and the servers still run as the user postgres.
RUN useradd --uid 10001 --home-dir /var/lib/pgmanager --create-home --shell /usr/sbin/nologin pgmanager
WORKDIR /opt/pgmanager
COPY --from=packages /opt/venv /opt/venv
COPY pyproject.toml ./
COPY alembic alembic
COPY app app
RUN printf '#!/opt/venv/bin/python\nfrom app.cli import main\n\nmain()\n' >/usr/local/bin/pgmanager \
    && chmod 755 /usr/local/bin/pgmanager \
    && /opt/venv/bin/python -m compileall -q app
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/opt/pgmanager PYTHONUNBUFFERED=1 PGM_DATA_DIR=/var/lib/pgmanager
USER pgmanager

EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["python", "-c", "\
import os, urllib.request as r; r.urlopen('http://127.0.0.1:%s/livez' % (os.environ.get('PORT') or 8000), timeout=4)"]
# Children of killed children end up with the first process, which has to reap them.
ENTRYPOINT ["tini", "--"]
CMD ["pgmanager", "serve"]
