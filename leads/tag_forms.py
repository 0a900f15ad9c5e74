"""The form of the tags of one lead or project."""

from django import forms

from crm.clash_forms import Remembering
from crm.forms import NamedForm
from crm.models import Tag
from leads.tagging import NAME_MOST


class TagsForm(Remembering, NamedForm):
    """The tags a record has, out of those its unit may give, and the name of one more."""

    tags = forms.ModelMultipleChoiceField(
        Tag.objects.none(), label="标签", required=False, widget=forms.CheckboxSelectMultiple
    )
    tag_name = forms.CharField(label="另加一个", max_length=NAME_MOST, required=False)

    def __init__(self, data, *, record, user, today, **kwargs):
        chosen = [tag.pk for tag in record.shown_tags]
        super().__init__(data, initial={"tags": chosen}, **kwargs)
        seen = Tag.objects.visible_to(user)
        offered = seen.given_in(record.unit_id).active(today) | seen.filter(pk__in=chosen)
        self.fields["tags"].queryset = offered.order_by("name", "pk")
        self.remember()

    def was_shown(self):
        """The tags that stood ticked when the form was opened, as far as they can still be read."""
        shown = self.shown()["tags"]
        return shown if isinstance(shown, frozenset) else frozenset()
