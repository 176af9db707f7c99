from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ghar.accounts.authentication import check_recent_sign_in, keep_signed_in
from ghar.accounts.models import ApiToken, User
from ghar.accounts.serializers import (
    ClaimedSerializer,
    CodeSerializer,
    CredentialsSerializer,
    IdentifierSerializer,
    LimitsSerializer,
    NewSessionSerializer,
    OwnerSerializer,
    OwnPasswordSerializer,
    PasswordSerializer,
    ProfileSerializer,
    RegisterSerializer,
    ResetConfirmSerializer,
    SessionSecretSerializer,
    TokenRequestSerializer,
    TokenSerializer,
    stated_limits,
)
from ghar.accounts.services import contacts, passwords, profiles, sessions, signing
from ghar.api import limits
from ghar.api.permissions import Anybody, IsCaller, IsSignedIn
from ghar.api.viewsets import ViewSet
from ghar.lib import clock


def token_body(token: ApiToken, secret: str) -> dict[str, Any]:
    return {
        "user": OwnerSerializer(token.user).data,
        "token": secret,
        "expires_at": token.expires_at,
    }


class RegistrationViewSet(ViewSet):
    permission_classes = [Anybody]
    remembers_keys = False
    serializer_class = RegisterSerializer

    @extend_schema(responses={201: TokenSerializer})
    def create(self, request: Request) -> Response:
        limits.hit("register", limits.address_of(request))
        user = signing.register(**self.read(RegisterSerializer), language=get_language())
        token, secret = signing.issue_token(user=user, now=clock.now())
        return Response(token_body(token, secret), status=201)


class TokenViewSet(ViewSet):
    permission_classes = [Anybody]
    remembers_keys = False
    serializer_class = TokenRequestSerializer

    @extend_schema(responses=TokenSerializer)
    def create(self, request: Request) -> Response:
        limits.hit("tokens", limits.address_of(request))
        token, secret = signing.make_token(**self.read(TokenRequestSerializer), now=clock.now())
        return Response(token_body(token, secret))

    def destroy(self, request: Request) -> Response:
        IsSignedIn().has_permission(request, self)
        self.read_nothing()
        if isinstance(request.auth, ApiToken):
            signing.revoke_token(token=request.auth)
        return Response(status=204)


class PasswordViewSet(ViewSet):
    permission_classes = [Anybody]
    remembers_keys = False
    serializer_class = PasswordSerializer

    def get_permissions(self) -> Any:
        return [IsSignedIn()] if self.action == "change" else super().get_permissions()

    @extend_schema(request=PasswordSerializer, responses={204: None})
    def change(self, request: Request) -> Response:
        kept = request.auth if isinstance(request.auth, ApiToken) else None
        passwords.change_password(user=self.caller, **self.read(PasswordSerializer), kept=kept)
        if kept is None:
            keep_signed_in(request._request, self.caller)
        return Response(status=204)

    @extend_schema(request=IdentifierSerializer, responses={202: None})
    def reset(self, request: Request) -> Response:
        limits.hit("tokens", limits.address_of(request))
        passwords.request_reset(**self.read(IdentifierSerializer))
        return Response(status=202)

    @extend_schema(request=ResetConfirmSerializer, responses={204: None})
    def confirm_reset(self, request: Request) -> Response:
        limits.hit("tokens", limits.address_of(request))
        passwords.reset_password(**self.read(ResetConfirmSerializer))
        return Response(status=204)


class VerificationViewSet(ViewSet):
    permission_classes = [IsCaller]
    remembers_keys = False
    serializer_class = IdentifierSerializer

    @extend_schema(request=IdentifierSerializer, responses={202: None})
    def create(self, request: Request) -> Response:
        body = self.read(IdentifierSerializer)
        contacts.send_code(**body, by=self.caller, now=clock.now())
        return Response(status=202)

    @extend_schema(request=CodeSerializer, responses={204: None})
    def confirm(self, request: Request) -> Response:
        contacts.confirm_code(**self.read(CodeSerializer), by=self.caller, now=clock.now())
        return Response(status=204)


class SessionViewSet(ViewSet):
    permission_classes = [Anybody]
    remembers_keys = False
    serializer_class = NewSessionSerializer

    def get_permissions(self) -> Any:
        return [IsSignedIn()] if self.action == "claim" else super().get_permissions()

    @extend_schema(request=None, responses={201: NewSessionSerializer})
    def create(self, request: Request) -> Response:
        limits.hit("sessions", limits.address_of(request))
        self.read_nothing()
        session, secret = sessions.open_session(now=clock.now(), language=get_language())
        return Response({"session_id": session.pk, "session_secret": secret}, status=201)

    @extend_schema(request=SessionSecretSerializer, responses=ClaimedSerializer)
    def claim(self, request: Request) -> Response:
        secret = self.read(SessionSecretSerializer)["session_secret"]
        session = sessions.claim_session(secret=secret, user=self.caller, now=clock.now())
        return Response({"session_id": session.pk})


class UserViewSet(ViewSet):
    """The caller's own account."""

    permission_classes = [IsSignedIn]
    serializer_class = OwnerSerializer
    queryset = User.objects.none()

    def get_permissions(self) -> Any:
        return [Anybody()] if self.action == "restore" else super().get_permissions()

    def retrieve(self, request: Request) -> Response:
        return Response(OwnerSerializer(self.caller).data)

    @extend_schema(request=ProfileSerializer)
    def partial_update(self, request: Request) -> Response:
        serializer = ProfileSerializer(self.caller, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        user = profiles.edit_profile(user=self.caller, changes=serializer.validated_data)
        return Response(OwnerSerializer(user).data)

    @extend_schema(request=OwnPasswordSerializer, responses={204: None})
    def destroy(self, request: Request) -> Response:
        body = self.read(OwnPasswordSerializer)
        profiles.delete_account(user=self.caller, **body, now=clock.now())
        return Response(status=204)

    @extend_schema(request=CredentialsSerializer)
    def restore(self, request: Request) -> Response:
        limits.hit("tokens", limits.address_of(request))
        user = profiles.restore_account(**self.read(CredentialsSerializer), now=clock.now())
        return Response(OwnerSerializer(user).data)

    @extend_schema(responses={200: dict})
    def export(self, request: Request) -> Response:
        check_recent_sign_in(request)
        return Response(profiles.export_account(self.caller))


class LimitsViewSet(ViewSet):
    permission_classes = [Anybody]
    serializer_class = LimitsSerializer

    @extend_schema(responses=LimitsSerializer)
    def retrieve(self, request: Request) -> Response:
        return Response({"items": stated_limits()})
