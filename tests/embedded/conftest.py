from tests.object_store import object_store_server

__all__ = ["object_store_server"]
