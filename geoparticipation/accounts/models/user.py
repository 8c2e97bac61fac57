"""The signed-in person."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geoparticipation.accounts.enums import Role


class UserManager(BaseUserManager["User"]):
    """Makes users, who are known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a person; without a password nobody can sign in as them."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create an agent who may also use Django's admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, role=Role.AGENT, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. `name` is shown beside their contributions; empty shows "a resident"."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name shown in public"), max_length=80, blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.CITIZEN)
    language = models.CharField(_("language"), max_length=5, blank=True)
    is_staff = models.BooleanField(_("may use the admin"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once_in_any_case")]

    def __str__(self) -> str:
        return self.email

    @property
    def is_agent(self) -> bool:
        """May run consultations and fetch mailing lists."""
        return self.role == Role.AGENT

    @property
    def is_moderator(self) -> bool:
        """May publish and hide contributions; agents may, too."""
        return self.role in {Role.AGENT, Role.MODERATOR}

    @property
    def has_workspace(self) -> bool:
        """Is part of the municipal staff or a council, and so sees the workspace."""
        return self.role != Role.CITIZEN
