"""Imports every table, so that Alembic and the tests know all of them."""

# ruff: noqa: F401 (the import is the point)
import app.auth.models
import app.backups.models
import app.budgets.models
import app.connections.models
import app.databases.models
import app.events.models
import app.exports.models
import app.imports.models
import app.jobs.models
import app.locations.models
import app.parameters.models
import app.policies.models
import app.providers.railway.models
import app.restores.models
import app.roles.models
import app.verifications.models
import app.webhooks.models
