from tests.parameters.conftest import call, cluster, database, project_id, server

__all__ = ["call", "cluster", "database", "project_id", "server"]
