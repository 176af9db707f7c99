from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ghar.api.permissions import IsCaller, IsSignedIn
from ghar.api.serializers import NothingSerializer
from ghar.api.viewsets import ViewSet
from ghar.lib import clock
from ghar.notifications.models import NEWEST_FIRST, Device, Notification
from ghar.notifications.serializers import (
    ChannelsSerializer,
    DeviceSerializer,
    NewDeviceSerializer,
    NotificationSerializer,
    ReadCountSerializer,
    ReadSerializer,
)
from ghar.notifications.services import lines, preferences


class NotificationViewSet(ViewSet):
    permission_classes = [IsCaller]
    serializer_class = NotificationSerializer
    queryset = Notification.objects.none()

    def get_queryset(self) -> Any:
        return Notification.objects.of(self.caller).visible_at(clock.now())

    def list(self, request: Request) -> Response:
        return self.page(self.get_queryset(), NotificationSerializer, order=NEWEST_FIRST)

    @extend_schema(
        operation_id="flatmates_notifications_read_all",
        request=NothingSerializer,
        responses=ReadCountSerializer,
    )
    def read_all(self, request: Request) -> Response:
        self.read_nothing()
        count = lines.mark_all_read(principal=self.caller, now=clock.now())
        return Response({"read": count})

    @extend_schema(request=ReadSerializer)
    def update(self, request: Request, pk: str) -> Response:
        notification = self.get_one(self.get_queryset(), pk)
        is_read = self.read(ReadSerializer)["is_read"]
        lines.mark_read(notification=notification, is_read=is_read)
        return Response(NotificationSerializer(notification).data)


class DeviceViewSet(ViewSet):
    permission_classes = [IsSignedIn]
    serializer_class = DeviceSerializer
    queryset = Device.objects.none()

    @extend_schema(request=NewDeviceSerializer, responses={201: DeviceSerializer})
    def create(self, request: Request) -> Response:
        device = preferences.register_device(user=self.caller, **self.read(NewDeviceSerializer))
        return Response(DeviceSerializer(device).data, status=201)

    def destroy(self, request: Request, pk: str) -> Response:
        device = self.get_one(Device.objects.filter(user_id=self.caller.pk), pk)
        self.read_nothing()
        preferences.forget_device(device=device)
        return Response(status=204)


class ChannelViewSet(ViewSet):
    permission_classes = [IsSignedIn]
    serializer_class = ChannelsSerializer

    @extend_schema(responses=ChannelsSerializer)
    def retrieve(self, request: Request) -> Response:
        return Response(preferences.get_channels(self.caller))

    @extend_schema(request=ChannelsSerializer, responses=ChannelsSerializer)
    def update(self, request: Request) -> Response:
        preferences.set_channels(principal=self.caller, choices=self.read(ChannelsSerializer))
        return Response(preferences.get_channels(self.caller))
