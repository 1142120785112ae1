"""URLs of the admin pages."""

from django.urls import path

from dashboard.people import views

urlpatterns = [
    path("people/", views.index, name="people"),
    path("people/invite", views.invite, name="invite"),
    path("people/keys/add", views.add_key, name="people_key_add"),
    path("people/invitations/<uuid:invitation_id>/revoke", views.revoke_invitation, name="invitation_revoke"),
    path("people/<int:user_id>/role", views.role, name="member_role"),
    path("people/<int:user_id>/active", views.active, name="member_active"),
    path("people/<int:user_id>/transfer", views.transfer, name="member_transfer"),
    path("people/<int:user_id>/password", views.password_reset_link, name="member_password"),
    path("people/<int:user_id>/unlock", views.unlock, name="member_unlock"),
]
