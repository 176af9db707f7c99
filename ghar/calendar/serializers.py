from rest_framework import serializers


class FeedSerializer(serializers.Serializer):
    url = serializers.URLField(help_text="Shown once. A new one makes this one void.")
