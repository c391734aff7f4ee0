"""How gunicorn runs the server: processes of several threads, on a socket that outlives them.

Serves `gunicorn -c deploy/gunicorn.conf.py wsgi:app` and its like for `wsgi:content`. Read anew at
every reload (SIGHUP), and so are the server's own settings.
"""

from launcher.config import from_environment

_settings = from_environment()

# Under systemd the socket is handed over (hacp.socket) and this is not looked at.
bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
threads = _settings.threads
# New processes read the settings anew, which a process that was forked from a loaded one would not.
preload_app = False
# Whoever stands in the queue while processes change is answered, not refused.
backlog = 2048
# A HACP call ends in milliseconds; an upload that is running may take its time.
graceful_timeout = 60
timeout = 120
# The proxy opens a connection a request: one that it kept could close in the moment in which it is
# used again, and a post cannot be repeated safely by a proxy.
keepalive = 0
# The proxy has set the headers, and `HACP_TRUSTED_PROXIES` says who is believed.
forwarded_allow_ips = "*"
# A line of it would hold what the server's own log leaves out: session ids in addresses.
accesslog = None
