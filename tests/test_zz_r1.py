import json, uuid
import pytest
from django.test import Client
from decimal import Decimal
from ghar.properties.models import Property
from ghar.accounts.models import *
from ghar.accounts.services import contacts, sessions, profiles
from ghar.lib import clock
from tests.factories import *
pytestmark = pytest.mark.django_db
BASE="/api/v1/properties"

def show(name, r):
    try: body = r.content[:160]
    except Exception: body = b''
    print(f"{name:45} {r.status_code} {r.get('Content-Type')} {body!r}")

def test_probe(api, poster, seeker, seeker_session, client, settings):
    settings.DEBUG = False
    client.raise_request_exception = False
    def c(p=None):
        x = api(p); x.raise_request_exception=False; return x
    live = LiveListingFactory(owner=poster)
    draft = PropertyFactory(owner=poster)
    P = c(poster)
    for m in ("CLAIM",): show("CLAIM /sessions/claim", c().generic(m, "/api/v1/sessions/claim", "{}", content_type="application/json"))
    show("CHANGE", c().generic("CHANGE", "/api/v1/auth/password", '{"current_password":"a","new_password":"b"}', content_type="application/json"))
    show("NOTIFY", P.generic("NOTIFY", f"/api/v1/properties/{live.pk}/", "{}", content_type="application/json"))
    show("DISPATCH", P.generic("SUBMIT", f"/api/v1/properties/{draft.pk}/", "{}", content_type="application/json"))
    for v in ("submit","pause","resume","renew","withdraw"):
        show(v+" forged", P.post(f"{BASE}/{live.pk}/{v}", {"status":"live"}))
    live = LiveListingFactory(owner=poster)
    show("sessions forged", c().post("/api/v1/sessions", {"status":"x"}))
    show("patch price null", P.patch(f"{BASE}/{live.pk}", {"price_amount": None}))
    show("patch title empty", P.patch(f"{BASE}/{live.pk}", {"title": ""}))
    show("radius nan", c().get(BASE, {"lat":"1","lng":"1","radius_km":"nan"}))
    show("big json", P.post(BASE, {"description":"x"*1_500_000}))
    show("big form field", P.post(f"{BASE}/{draft.pk}/media", {"file": picture(), "alt":"x"*1_500_000}, format="multipart"))
    show("many fields", P.post(f"{BASE}/{draft.pk}/media", {"file": picture(), **{f"a{i}":"x" for i in range(1100)}}, format="multipart"))
    show("bad host", c().get(BASE, HTTP_HOST="evil.example"))
    show("bad host page", client.get("/", HTTP_HOST="evil.example"))
    show("null body", P.patch(f"{BASE}/{draft.pk}", "null", content_type="application/json"))
    show("list body", P.patch(f"{BASE}/{draft.pk}", "[]", content_type="application/json"))
    show("null body me", P.patch("/api/v1/users/me", "null", content_type="application/json"))
    show("list body me", P.patch("/api/v1/users/me", "[1]", content_type="application/json"))
    show("string body me", P.patch("/api/v1/users/me", '"x"', content_type="application/json"))
    show("malformed", P.patch(f"{BASE}/{draft.pk}", "{", content_type="application/json"))
    show("malformed submit", P.post(f"{BASE}/{draft.pk}/submit", "{", content_type="application/json"))
    show("form", P.patch(f"{BASE}/{draft.pk}", "a=b", content_type="application/x-www-form-urlencoded"))
    show("no ct", P.generic("POST", BASE, "{}", content_type=""))
    show("empty body", P.generic("POST", BASE, "", content_type="application/json"))
    show("multipart malformed", P.post(f"{BASE}/{draft.pk}/media", b"zzz", content_type="multipart/form-data"))
    show("multipart malformed+key", P.post(f"{BASE}/{draft.pk}/media", b"zzz", content_type="multipart/form-data; boundary=", HTTP_IDEMPOTENCY_KEY="a"))
    show("json malformed+key", P.post(f"{BASE}", b"{", content_type="application/json", HTTP_IDEMPOTENCY_KEY="b"))
    show("multipart to json+key", P.post(f"{BASE}", {"a":"b"}, format="multipart", HTTP_IDEMPOTENCY_KEY="c"))
    deep = {}; x=deep
    for _ in range(400): x["a"]={}; x=x["a"]
    show("deep subscription", P.post("/api/v1/notifications/devices", {"platform":"web","subscription":deep}))
    show("deep json", P.post(BASE, "["*5000+"]"*5000, content_type="application/json"))
    import random
    tok = "".join(chr(random.randint(0x10000,0x1fff0)) for _ in range(1000))
    show("wide token", P.post("/api/v1/notifications/devices", {"platform":"ios","token":tok}))
    show("long email", c().post("/api/v1/auth/register", {"identifier":"a@"+("\u0130"*60+".")*4+"com","password":PASSWORD,"full_name":"A"}))
    show("verify long", P.post("/api/v1/auth/verify", {"identifier":"a@"+("\u0130"*60+".")*4+"com"}))
    client.cookies.clear()
    show("nul session", client.get("/", HTTP_COOKIE='sessionid="aaaaaaaaaa\\000"'))
    show("nul session api", client.get(BASE, HTTP_COOKIE='sessionid="aaaaaaaaaa\\000"'))
    show("nul seeker", client.get("/", HTTP_COOKIE='seeker_session="aaaaaaaaaa\\000"'))
    client.force_login(poster)
    show("host cursor", client.get("/host/?cursor=x"))
    show("host limit", client.get("/host/?limit=0"))
    show("viewings cursor", client.get("/viewings/?cursor=x"))
    show("host viewings cursor", client.get("/host/viewings/?cursor=x"))
    for price, cur, dep in (("0.01","RWF",""),("0.4","RWF",""),("100","RWF","1E-999999"),("1e-5","INR",""),("999999999999","INR","0")):
        show(f"price {price} {cur} {dep}", client.post(f"/host/new/price/?listing={draft.pk}", {"price":price,"currency":cur,"rent_period":"month","viewing_confirmation":"manual","deposit":dep}))
    show("search price", client.get("/rooms/", {"price_max":"1E-999999","currency":"RWF"}))
    show("search price", client.get("/rooms/", {"price_max":"1E+999999","currency":"RWF"}))
    show("search cursor", client.get("/rooms/", {"cursor":"é"}))
    show("api cursor", c().get(BASE, {"cursor":"é"}))
    show("schema post", c().post("/api/v1/schema"))
    show("schema noslash", c().get("/api/v1/schema"))
    show("docs noslash", c().get("/api/v1/docs"))
    show("api root", c().get("/api/v1/"))
    show("unknown", c().post("/api/v1/nothing", {}))
    show("bearer odd", c().get("/api/v1/users/me", HTTP_AUTHORIZATION="Bearer \xff"))
    show("idem key weird", P.post(BASE, {}, HTTP_IDEMPOTENCY_KEY="x"*256))
    show("page next", client.get("/login/?next=//evil.example/"))
    client.logout()
    show("login next", client.post("/login/?next=https://evil.example/", {"login": poster.email, "password": PASSWORD, "next":"//evil.example"}))
    print(client.get("/login/").get("Location"))
    from ghar.urls import urlpatterns
    for path in ("auth/register","auth/token","auth/password","auth/verify","sessions","users/me","users/me/export","limits","users/me/channels","flatmates/notifications",f"flatmates/notifications/{uuid.uuid4()}","notifications/devices","properties",f"properties/{live.pk}",f"properties/{live.pk}/submit",f"properties/{live.pk}/media","uploads","properties/mine","viewings",f"viewings/{uuid.uuid4()}","audit","moderation/queue"):
        for who in (None, poster):
            r = c(who).options("/api/v1/"+path)
            if r.status_code not in (200,401,403): show("OPTIONS "+path, r)
