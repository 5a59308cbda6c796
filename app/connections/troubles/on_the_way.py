"""Before anybody logs in: variables, the platform, names, the network, TLS."""

from typing import Final

from app.connections.troubles.trouble import Layer, Trouble

_CONSUMER, _PLATFORM, _TLS = Layer.CONSUMER, Layer.PLATFORM, Layer.TLS

ON_THE_WAY: Final = (
    Trouble(
        "CONSUMER_MISSING",
        _CONSUMER,
        "the service does not see the database",
        "No service of that name is in the database's environment. Private names resolve inside one environment only.",
        "Name a service of the same environment, or connect from elsewhere by the public address.",
    ),
    Trouble(
        "VARIABLE_MISSING",
        _CONSUMER,
        "`DATABASE_URL is not set`, or a client that tries localhost:5432",
        "The service has no such variable, or got it after its last deployment.",
        "PUT /v1/databases/{id}/consumers/{service}, then deploy the service.",
    ),
    Trouble(
        "VARIABLE_UNPARSED",
        _CONSUMER,
        "`Invalid URL`, `invalid connection string`",
        "Its value is no PostgreSQL address, often since a password with @, / or # was not percent-encoded.",
        "Refer to the database's own variable instead of writing the address: PUT /v1/databases/{id}/consumers/{service}.",
    ),
    Trouble(
        "VARIABLE_UNRENDERED",
        _CONSUMER,
        "`getaddrinfo ENOTFOUND ${{...}}`, or an address without a host or port",
        "The reference in it leads nowhere: a service was renamed, or public access is off.",
        "Refer to a variable that exists: DATABASE_URL inside Railway; DATABASE_PUBLIC_URL only while public access is on.",
    ),
    Trouble(
        "VARIABLE_ELSEWHERE",
        _CONSUMER,
        "tables are missing, or a password is refused that is right here",
        "The variable leads to another server. The port of a public address changes whenever public access is switched on.",
        "Lead the service here: PUT /v1/databases/{id}/consumers/{service}.",
    ),
    Trouble(
        "VARIABLE_BY_HAND",
        _CONSUMER,
        "everything works until an address or password changes",
        "The address is written out instead of referred to, so it does not follow a change.",
        "Replace it by a reference: PUT /v1/databases/{id}/consumers/{service}.",
    ),
    Trouble(
        "SERVICE_GONE",
        _PLATFORM,
        "`ENOTFOUND`, `Connection refused`",
        "The database's service is not in its environment any more.",
        "Look at Railway who removed it; restore a backup into a new one.",
    ),
    Trouble(
        "DEPLOYMENT_DOWN",
        _PLATFORM,
        "`Connection refused`, `the database system is starting up` without end",
        "The database's container does not run.",
        "Read its log (GET /v1/databases/{id}/deployments/{id}/logs), mend the cause, then "
        "POST /v1/databases/{id}:redeploy.",
    ),
    Trouble(
        "PROXY_INACTIVE",
        _PLATFORM,
        "`Connection refused` or no answer at `*.proxy.rlwy.net`",
        "The TCP proxy is off, is still being made, or has got another port since.",
        "PUT /v1/databases/{id}/public-access, or read the present address (GET /v1/databases/{id}/connections).",
    ),
    Trouble(
        "PLACED_ELSEWHERE",
        _PLATFORM,
        "this test cannot say anything",
        "The server belongs to another machine of this installation.",
        "Ask the instance of this service that runs on that machine.",
    ),
    Trouble(
        "PRIVATE_NAME",
        Layer.DNS,
        "`getaddrinfo ENOTFOUND ….railway.internal`",
        "Private names of Railway resolve only in containers of the same project and environment, and not in their builds.",
        "Inside: wait a few seconds after the start and try again. Outside: use the public endpoint.",
    ),
    Trouble(
        "NAME_UNKNOWN",
        Layer.DNS,
        "`could not translate host name`, `ENOTFOUND`, `EAI_AGAIN`",
        "The name does not exist, is misspelt, or the resolver does not answer.",
        "Compare it with GET /v1/databases/{id}/connections.",
    ),
    Trouble(
        "REFUSED",
        Layer.TCP,
        "`Connection refused`, `ECONNREFUSED`",
        "Nothing listens at the port: the server is down, listens on localhost only, or the port is another one.",
        "Start it (POST /v1/databases/{id}:restart), or mend host and port.",
    ),
    Trouble(
        "NO_ANSWER",
        Layer.TCP,
        "`Connection timed out`, `ETIMEDOUT`",
        "A firewall drops the packets, the machine is down, or it is too busy to answer.",
        "Look at the firewall and at the machine; from a laptop use the public endpoint.",
    ),
    Trouble(
        "CLOSED_EARLY",
        Layer.TCP,
        "`server closed the connection unexpectedly`, `ECONNRESET`",
        "The server is going down, has crashed, or a proxy in front of it has no server behind.",
        "Read the server's log; try again in a moment.",
    ),
    Trouble(
        "NOT_POSTGRES",
        _TLS,
        "`received invalid response to SSL negotiation`",
        "Another program has the port: an HTTP server, or a proxy that ends TLS itself.",
        "Give the port of PostgreSQL. It cannot stand behind a proxy for HTTPS.",
    ),
    Trouble(
        "TLS_NOT_OFFERED",
        _TLS,
        "`server does not support SSL, but SSL was required`",
        "The server runs without TLS, or the pooler before it does.",
        "Turn on `ssl` there; sslmode=disable is for networks that nobody else reads.",
    ),
    Trouble(
        "TLS_UNKNOWN_ISSUER",
        _TLS,
        "`self-signed certificate in certificate chain`, `unable to get local issuer certificate`",
        "The client does not know the root that signed the certificate: it checks without a pin, or the server was "
        "given a new one.",
        "Pin the root of GET /v1/databases/{id}/certificate (sslmode=verify-ca, sslrootcert); do not switch checking off.",
    ),
    Trouble(
        "TLS_EXPIRED",
        _TLS,
        "`certificate has expired`",
        "The server's certificate, or its root, is too old.",
        "Servers on Railway and those made here renew it when they are restarted: POST /v1/databases/{id}:restart.",
    ),
    Trouble(
        "TLS_NOT_YET_VALID",
        _TLS,
        "`certificate is not yet valid`",
        "The clock of one of the two machines is wrong.",
        "Set the clock.",
    ),
    Trouble(
        "TLS_NAME_MISMATCH",
        _TLS,
        "`Hostname/IP does not match certificate's altnames`, `server certificate for ... does not match host name`",
        "verify-full compares the host with the certificate's names; that of Railway's image is made out to localhost.",
        "Use sslmode=verify-ca with the pinned root: it checks the signature and leaves out the name.",
    ),
    Trouble(
        "TLS_PROTOCOL",
        _TLS,
        "`unsupported protocol`, `no shared cipher`, `wrong version number`",
        "The two have no version of TLS in common.",
        "Update the older of the two; TLS 1.2 is the least.",
    ),
    Trouble(
        "TLS_UNPINNED",
        _TLS,
        "nothing: it works",
        "The connection is encrypted, and nobody checks by whom: who stands in between can read it.",
        "Pin the root: GET /v1/databases/{id}/certificate, then sslmode=verify-ca.",
    ),
    Trouble(
        "TLS_OFF",
        _TLS,
        "nothing: it works",
        "The connection is not encrypted.",
        "Use sslmode=require at least, and PUT /v1/databases/{id}/tls-enforcement so that nobody goes without.",
    ),
    Trouble(
        "TLS_EXPIRES_SOON",
        _TLS,
        "nothing yet",
        "The certificate expires within 30 days.",
        "Restart the server: POST /v1/databases/{id}:restart.",
    ),
)
