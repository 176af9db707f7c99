"""Django as a plain WSGI application, for ghar.asgi and for servers of that kind."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ghar.settings")

application = get_wsgi_application()
