"""Headers every answer carries: what a browser may load, and what it may keep."""

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{name} {value}" for name, value in POLICY.items())
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def headers(get_response):
    """Add the security headers; whatever a logged-in person was sent is kept in no cache."""

    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if _is_personal(request, response):
            response.headers["Cache-Control"] = "no-store"
        return response

    return middleware


def _is_personal(request, response):
    """Whether the answer was made for one person: their session was read, or they showed a token."""
    if "Authorization" in request.headers:
        return True
    session = getattr(request, "session", None)
    return session is not None and (session.accessed or session.modified)
