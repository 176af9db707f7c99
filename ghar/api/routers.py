from rest_framework.routers import SimpleRouter


class Router(SimpleRouter):
    """Answers with and without a trailing slash; a redirect would lose the body of a write."""

    include_format_suffixes = False

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = "/?"
