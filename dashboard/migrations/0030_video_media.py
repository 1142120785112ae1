"""Facts and pictures that are read from a video's file."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dashboard', '0029_user_language'),
    ]

    operations = [
        migrations.AddField(
            model_name='video',
            name='media',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='video',
            name='read_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='taskevent',
            name='kind',
            field=models.CharField(choices=[('created', 'Created'), ('status', 'Status'), ('condition', 'Condition'), ('progress', 'Progress'), ('detail', 'Detail'), ('label', 'Label'), ('tags', 'Tags'), ('refresh', 'Refresh'), ('copy', 'Copy'), ('pictures', 'Pictures'), ('removed', 'Removed'), ('restored', 'Restored'), ('owner', 'Owner'), ('deleted', 'Deleted')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='video',
            index=models.Index(models.OrderBy(models.F('kept_at'), descending=True), condition=models.Q(('kept_at__isnull', False), ('media__isnull', True)), name='video_unread'),
        ),
        migrations.AddIndex(
            model_name='video',
            index=models.Index(models.OrderBy(models.F('created_at'), descending=True), condition=models.Q(('kept_at', None), ('media__isnull', True)), name='video_unread_without_copy'),
        ),
    ]
