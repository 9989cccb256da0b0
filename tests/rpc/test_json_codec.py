"""How JSON is read value by value: as ProtoJSON has it, or refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1.member_pb import ListMembersRequest
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.gitpod.v1.scim_configuration_pb import CreateSCIMConfigurationRequest
from orgplane_api.gitpod.v1.sso_configuration_pb import UpdateSSOConfigurationRequest
from orgplane_api.orgplane.v1.event_pb import FieldChange
from orgplane_server.domain.json_document import MAX_DEPTH, MAX_VALUES, MalformedJSON, check_shape
from orgplane_server.rpc.json_codec import StrictJSONCodec
from protobuf import Message, Registry
from protobuf.wkt import Any as AnyMessage
from protobuf.wkt import Duration, Empty, FieldMask, Struct, Timestamp, Value
from protobuf.wkt.google.protobuf import duration_pb
from protobuf.wkt.google.protobuf.wrappers_pb import (
    BoolValue,
    BytesValue,
    DoubleValue,
    FloatValue,
    Int32Value,
    Int64Value,
    StringValue,
    UInt32Value,
    UInt64Value,
)

CODEC = StrictJSONCodec(registry=Registry(duration_pb.desc(), PaginationRequest.desc().file))


def read(message_class: type[Message], text: str) -> Any:
    return CODEC.decode(text.encode(), message_class)


def refused(message_class: type[Message], text: str) -> str:
    with pytest.raises(ConnectError) as caught:
        read(message_class, text)
    return str(caught.value.message)


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            *(("7", 7), ('"7"', 7), ("7.0", 7), ("1e2", 100), ('"1e2"', 100), ('"1.0"', 1)),
            *(("-0", 0), ('"-7"', -7), ("120e-1", 12), ("2147483647", 2**31 - 1)),
            ("-2147483648", -(2**31)),
        ],
    )
    def test_whole_ones_in_each_of_their_forms(self, text: str, number: int) -> None:
        assert read(Int32Value, text).value == number

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "1.5",
                '"1.5"',
                '""',
                '" 7"',
                '"7 "',
                '"7\\n"',
                '"+7"',
                '"07"',
                '"0x7"',
                '"1_0"',
                '"7."',
            ),
            *('".5"', '"\u0667"', '"\uff17"', '"NaN"', "true", "[7]", "{}", "2147483648", "1e400"),
            *('"1e999999999999999999999"', "-2147483649", '"2147483648"', '"seven"', "1e-400"),
        ],
    )
    def test_what_is_none_is_refused(self, text: str) -> None:
        request = f'{{"pageSize": {text}}}'
        assert refused(PaginationRequest, request).startswith("pageSize: ")

    @pytest.mark.parametrize(
        ("kind", "lowest", "highest"),
        [
            (Int64Value, -(2**63), 2**63 - 1),
            (UInt32Value, 0, 2**32 - 1),
            (UInt64Value, 0, 2**64 - 1),
        ],
    )
    def test_bounds_belong_to_the_numbers(
        self, kind: type[Message], lowest: int, highest: int
    ) -> None:
        for number in (lowest, highest):
            assert read(kind, f'"{number}"').value == number
        for number in (lowest - 1, highest + 1):
            assert f"must be from {lowest} to {highest}" in refused(kind, f'"{number}"')

    def test_no_digit_is_lost_on_the_way_through_a_double(self) -> None:
        assert read(Int64Value, "9007199254740993.0").value == 9007199254740993

    @pytest.mark.parametrize(
        ("text", "number"),
        [("1", 1), ('"1.5"', 1.5), ("1e2", 100), ('"Infinity"', float("inf")), ("-0.0", 0)],
    )
    def test_doubles(self, text: str, number: float) -> None:
        assert read(DoubleValue, text).value == number

    @pytest.mark.parametrize(
        "text", ["1e309", '"inf"', '"nan"', '"infinity"', '"1,5"', "true", "9" * 400, '""']
    )
    def test_what_is_no_double(self, text: str) -> None:
        assert refused(DoubleValue, text)

    def test_a_float_has_32_bits(self) -> None:
        assert read(FloatValue, "3.4e38").value == pytest.approx(3.4e38)
        assert "out of range" in refused(FloatValue, "3.5e38")


class TestText:
    @pytest.mark.parametrize("text", ["true", "false"])
    def test_booleans(self, text: str) -> None:
        assert read(BoolValue, text).value is (text == "true")

    @pytest.mark.parametrize("text", ['"true"', "1", "0", '""', "[]"])
    def test_what_is_no_boolean(self, text: str) -> None:
        assert "must be true or false, not a" in refused(BoolValue, text)

    def test_text_of_any_script(self) -> None:
        assert read(StringValue, '"\\u00e4 \\ud83d\\ude00 \u4e2d"').value == "ä 😀 中"

    @pytest.mark.parametrize(
        "text", ['"\\ud800"', '"\\ude00\\ud83d"', '"x\\uDFFFx"', "7", "null", "{}"]
    )
    def test_what_is_no_text(self, text: str) -> None:
        request = f'{{"filter": {{"userIds": ["a", {text}]}}}}'
        assert refused(ListMembersRequest, request).startswith("filter.userIds[1]: must ")

    @pytest.mark.parametrize("text", ["+/8=", "+/8", "-_8", "-_8=", "-_9"])
    def test_bytes_in_either_alphabet_with_and_without_padding(self, text: str) -> None:
        assert read(BytesValue, f'"{text}"').value == b"\xfb\xff"

    @pytest.mark.parametrize(
        "text", ["+_8=", "+/8 ", "+/8=\\n", "A", "AAAAA", "!!!!", "=", "A===", "ä"]
    )
    def test_what_is_no_base64(self, text: str) -> None:
        assert "must be Base64" in refused(BytesValue, f'"{text}"')


class TestLists:
    def test_null_is_an_absent_list_and_an_absent_field(self) -> None:
        request = read(
            ListMembersRequest, '{"filter": {"userIds": null, "search": null}, "sort": null}'
        )
        assert request == ListMembersRequest(filter=ListMembersRequest.Filter())

    @pytest.mark.parametrize("name", ["statuses", "userIds"])
    def test_null_is_no_element(self, name: str) -> None:
        message = refused(ListMembersRequest, f'{{"filter": {{"{name}": [null]}}}}')
        assert message.startswith(f"filter.{name}[0]: must be")

    def test_every_wrong_element_is_told(self) -> None:
        message = refused(
            ListMembersRequest, '{"filter": {"statuses": ["X", 1, 9], "user_ids": "a"}}'
        )
        assert [part.partition(":")[0] for part in message.split("; ")] == [
            *("filter.statuses[0]", "filter.statuses[2]", "filter.user_ids"),
        ]

    def test_a_map(self) -> None:
        request = read(UpdateSSOConfigurationRequest, '{"claims": {"a.b": "c"}}')
        assert request.claims == {"a.b": "c"}

    @pytest.mark.parametrize(
        ("claims", "field"),
        [
            ('{"a": null}', 'claims["a"]'),
            ('{"a": 1}', 'claims["a"]'),
            ('{"a": "1", "a": "2"}', 'claims["a"]'),
            ('{"\\ud800": "x"}', 'claims["\\ud800"]'),
            ("[]", "claims"),
        ],
    )
    def test_what_is_no_map(self, claims: str, field: str) -> None:
        message = refused(UpdateSSOConfigurationRequest, f'{{"claims": {claims}}}')
        assert message.startswith(f"{field}: must ")


class TestKnownTypes:
    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            (Timestamp, "2026-03-01T12:00:00Z"),
            (Timestamp, "2026-03-01T12:00:00.123456789+02:00"),
            (Duration, "3600s"),
            (Duration, "-0.5s"),
            (FieldMask, "name,emailDomains.first"),
            (FieldMask, ""),
        ],
    )
    def test_what_is_text_in_json(self, kind: type[Message], text: str) -> None:
        assert read(kind, f'"{text}"') == kind.from_json(json.dumps(text))

    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            (Timestamp, '"2026-03-01"'),
            (Timestamp, '"2026-02-30T12:00:00Z"'),
            (Timestamp, '"2026-03-01T12:00:00"'),
            (Timestamp, '"2026-03-01T12:00:00Z\\n"'),
            (Timestamp, '"\u0662026-03-01T12:00:00Z"'),
            (Timestamp, "1772366400"),
            (Timestamp, "{}"),
            (Duration, '"1h"'),
            (Duration, '"\u0663s"'),
            (Duration, '"1.s"'),
            (Duration, '"1e3s"'),
            (Duration, '"999999999999s"'),
            (Duration, "3600"),
            (FieldMask, '"email_domains"'),
            (FieldMask, '"name,"'),
            (FieldMask, '["name"]'),
        ],
    )
    def test_what_is_none_of_it(self, kind: type[Message], text: str) -> None:
        assert "must be" in refused(kind, text)

    def test_the_field_is_named(self) -> None:
        message = refused(CreateSCIMConfigurationRequest, '{"tokenExpiresIn": "1 year"}')
        assert message == ("tokenExpiresIn: must be a duration in seconds such as 3600s or 0.5s")

    def test_any_json_is_a_value_null_too(self) -> None:
        plain = {"a": [1, 2.5, None, True, {"b": "c"}], "d": {}}
        change = read(FieldChange, json.dumps({"before": None, "after": plain}))
        assert change == FieldChange(before=Value.from_python(None), after=Value.from_python(plain))
        assert read(Struct, json.dumps(plain)) == Struct.from_python(plain)

    @pytest.mark.parametrize(
        ("after", "field"),
        [
            ('{"a": {"b": 1, "b": 2}}', 'after["a"]["b"]'),
            ('[1, "\\ud800"]', "after[1]"),
            ('{"a": 1e999}', 'after["a"]'),
        ],
    )
    def test_but_not_just_any(self, after: str, field: str) -> None:
        assert refused(FieldChange, f'{{"after": {after}}}').startswith(f"{field}: ")

    def test_an_any_is_of_a_type_that_is_known(self) -> None:
        assert read(
            AnyMessage, '{"@type": "t/gitpod.v1.PaginationRequest", "pageSize": 3}'
        ) == AnyMessage.pack(PaginationRequest(page_size=3))
        assert read(
            AnyMessage, '{"@type": "t/google.protobuf.Duration", "value": "3s"}'
        ) == AnyMessage.pack(Duration(seconds=3))
        assert read(AnyMessage, "{}") == AnyMessage()
        for text in ('{"@type": "t/no.Such"}', '{"@type": 7}', '{"pageSize": 3}'):
            assert refused(AnyMessage, text).startswith("@type: ")
        text = '{"@type": "t/gitpod.v1.PaginationRequest", "size": 3}'
        assert refused(AnyMessage, text).startswith("size: is no field of gitpod.v1.Pag")

    def test_a_message_without_fields(self) -> None:
        assert read(Empty, "{}") == Empty()
        assert refused(Empty, '{"a": 1}').startswith("a: is no field of google.protobuf.Empty")


class TestNames:
    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ("pagesize", "pagesize"),
            ("page size", '"page size"'),
            ("\\ud800", '"\\ud800"'),
            ("", '""'),
            ("x" * 1000, f'"{"x" * 64}"'),
        ],
    )
    def test_an_unknown_name_is_told_such_that_it_can_be_read(self, name: str, told: str) -> None:
        message = refused(PaginationRequest, f'{{"{name}": 1}}')
        assert message.startswith(f"{told}: is no field of gitpod.v1.PaginationRequest; ")

    def test_names_of_python_are_no_names_of_fields(self) -> None:
        assert refused(ListMembersRequest, '{"__class__": 1}').startswith("__class__: is no field")

    def test_not_more_than_a_reader_can_take_are_told(self) -> None:
        body = json.dumps({f"field{number}": 1 for number in range(1000)})
        assert refused(PaginationRequest, body).count("is no field") == 20


class TestShape:
    def test_as_much_as_there_may_be_is_read(self) -> None:
        ids = ["x"] * (MAX_VALUES - 10)
        text = json.dumps({"filter": {"userIds": ids}})
        assert read(ListMembersRequest, text).filter.user_ids == ids

    def test_brackets_and_commas_in_text_do_not_count(self) -> None:
        text = '[{"' * MAX_DEPTH + "," * MAX_VALUES
        assert read(StringValue, json.dumps(text)).value == text

    @pytest.mark.parametrize(
        "text", ['"', '"\\', '"\\"' + "[" * 20, "[" * 20, "]" * 100 + "[" * 20]
    )
    def test_a_text_that_breaks_off_is_left_to_the_parser(self, text: str) -> None:
        check_shape(text)

    @pytest.mark.parametrize("opening", ["[", '{"":', '[{"\\"":'])
    def test_depth_counts_whether_or_not_it_is_closed(self, opening: str) -> None:
        with pytest.raises(MalformedJSON):
            check_shape(opening * (MAX_DEPTH + 1))

    def test_as_deep_as_it_may_be(self) -> None:
        check_shape("[" * MAX_DEPTH + "]" * MAX_DEPTH + "[]" * 100)
