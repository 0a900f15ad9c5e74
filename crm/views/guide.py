"""The doors of 上手引导: skip it, and call it back."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from crm import guide


@require_POST
def close(request):
    """Skip what is left of the steps."""
    guide.close(request.user, at=timezone.now())
    messages.success(request, "上手引导已收起，在右上角账号菜单里可以再打开。")
    return redirect("home")


@require_POST
def reopen(request):
    """Show the steps again."""
    guide.reopen(request.user)
    return redirect("home")
