"""Files in forms: one to upload, or one of those uploaded before; what is kept, the domain says."""

from django import forms

from crm.forms import NamedForm, paper_field
from projects.models import Paper


def known_field(label):
    """One of the project's papers."""
    return forms.ModelChoiceField(
        Paper.objects.none(), label=label, required=False, empty_label="不用已上传的"
    )


class PaperForm(NamedForm):
    """One file for a record."""

    paper = paper_field("文件")
