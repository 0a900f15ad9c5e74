"""The words of the API: every code with its Chinese label, and how far it may be used."""

from rest_framework import serializers
from rest_framework.response import Response

from crm.api.inputs import worded
from crm.api.schema import operation
from crm.api.viewsets import ApiViewSet
from crm.models import Carrier, Channel, City, FusionSector, FutureTrack, LossReason, StageSetting
from crm.rules.dictionary import FIELDS
from crm.rules.fields import NOUN
from crm.workdays import shanghai_day

TERMS = {
    "channels": Channel,
    "sectors": FusionSector,
    "tracks": FutureTrack,
    "carriers": Carrier,
    "loss_reasons": LossReason,
}


class Word(serializers.Serializer):
    code = serializers.CharField(help_text="代码，接口里写这个")
    label = serializers.CharField(help_text="中文")


class FactField(Word):
    """A field of the dictionary: what is recorded of a company, and what criteria ask about."""

    type = serializers.ChoiceField(
        list(NOUN.items()), help_text=worded("值的写法；date 写 2026-04-20，set 写代码的列表", NOUN.items())
    )
    unit = serializers.CharField(help_text="单位，金额是万元；没有为空")
    options = Word(many=True, help_text="单选、多选可以写的代码；其他为空")
    is_recordable = serializers.BooleanField(help_text="可以登记的；false 是由别的数据算出或只作提示")


class VocabulariesAnswer(serializers.Serializer):
    channels = Word(many=True, help_text="来源渠道")
    sectors = Word(many=True, help_text="融合赛道")
    tracks = Word(many=True, help_text="未来赛道")
    carriers = Word(many=True, help_text="载体")
    loss_reasons = Word(many=True, help_text="流失原因")
    cities = Word(many=True, help_text="城市（GB/T 2260）")
    stages = Word(many=True, help_text="阶段，先线索后项目，按先后排列")
    facts = FactField(many=True, help_text="企业信息的字段，也是基金、政策条件里的 field")


class VocabularyViewSet(ApiViewSet):
    """词表."""

    scopes = {"list": ()}

    @operation(
        "词表",
        "今天可用的代码与中文：来源渠道、赛道、载体、城市、阶段、企业信息的字段等。任何令牌都可以读。",
        answer=VocabulariesAnswer,
    )
    def list(self, request):
        self._refuse_parameters(request)
        today = shanghai_day(self.now)
        found = {
            name: model.objects.active(today).values_list("code", "name") for name, model in TERMS.items()
        }
        found["cities"] = City.objects.values_list("code", "name")
        found["stages"] = StageSetting.objects.values_list("code", "label")
        words = {name: _words(rows) for name, rows in found.items()}
        return Response({**words, "facts": [_field(one) for one in FIELDS.values()]})


def _words(rows):
    return [{"code": code, "label": label} for code, label in rows]


def _field(one):
    return {
        "code": one.key,
        "label": one.label,
        "type": one.type,
        "unit": one.unit,
        "options": _words((one.choices or {}).items()),
        "is_recordable": one.is_recordable,
    }
