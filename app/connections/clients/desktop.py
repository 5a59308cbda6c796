"""Programmes with windows: pgAdmin and Postico."""

import json

from app.connections.clients.context import CA_FILE, ConnectionContext, Rendered
from app.connections.clients.quoting import escaped


def pgadmin(context: ConnectionContext) -> Rendered:
    """A file for Tools, Import/Export Servers. It never holds a password: pgAdmin asks for it, and keeps it encrypted."""
    address = context.address
    parameters = {"sslmode": address.tls.value, "connect_timeout": context.connect_timeout_seconds}
    if address.verifies and context.ca_pem is not None:
        parameters["sslrootcert"] = CA_FILE
    server = {
        "Name": context.application_name,
        "Group": "Servers",
        "Host": address.host,
        "Port": address.port,
        "MaintenanceDB": context.database,
        "Username": context.user,
        "SSLMode": address.tls.value,  # read by releases before 7
        "ConnectionParameters": parameters,
    }
    notes = ["Import it by Tools, Import/Export Servers. pgAdmin asks for the password when it connects first."]
    if "sslrootcert" in parameters:
        notes.append(
            f"Put {CA_FILE} where pgAdmin finds it, and write its whole path into sslrootcert before the import."
        )
    document = {"Servers": {"1": server}}
    return Rendered(files={"servers.json": json.dumps(document, indent=2, ensure_ascii=False)}, notes=tuple(notes))


def postico(context: ConnectionContext) -> Rendered:
    notes = ["Open the address, for instance by `open`: Postico makes a server of it."]
    if context.address.verifies:
        notes.append(
            "Postico's addresses say nothing of encryption: choose there that the connection must be encrypted."
        )
    nickname = f"?nickname={escaped(context.application_name)}"
    return Rendered(text=context.url(scheme="postico", tls=False) + nickname, notes=tuple(notes))
