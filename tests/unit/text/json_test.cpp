#include "text/json.h"

#include <gtest/gtest.h>

#include <limits>

#include "text/json_value.h"

namespace halfclosed::text {
namespace {

TEST(Json, MembersKeepTheirOrder) {
    Json json{{"zebra", 1}, {"ant", {{"inner", true}}}};
    json.add("list", Json::array({1, "two", nullptr})).add("none", Json::array());
    EXPECT_EQ(json.dump(), R"({"zebra":1,"ant":{"inner":true},"list":[1,"two",null],"none":[]})");
}

TEST(Json, NothingIsNullAndBecomesWhatIsPutIntoIt) {
    Json object;
    Json array;
    EXPECT_EQ(object.dump(), "null");
    EXPECT_EQ(object.add("a", -1).dump(), R"({"a":-1})");
    EXPECT_EQ(array.push_back("a").push_back(Json::object()).dump(), R"(["a",{}])");
}

TEST(Json, NumbersKeepTheirValueAndFractionsLookLikeFractions) {
    EXPECT_EQ(Json(std::numeric_limits<std::uint64_t>::max()).dump(), "18446744073709551615");
    EXPECT_EQ(Json(3.0).dump(), "3.0");
    EXPECT_EQ(Json(0.0).dump(), "0.0");
    EXPECT_EQ(Json(0.1).dump(), "0.1");
    EXPECT_EQ(Json(-86400.25).dump(), "-86400.25");
    EXPECT_EQ(Json(100000.0).dump(), "100000.0");
    EXPECT_EQ(Json(1e-5).dump(), "1e-05");
    EXPECT_EQ(Json(1e300).dump(), "1e+300");
    EXPECT_EQ(Json(std::numeric_limits<double>::infinity()).dump(), "null");
    EXPECT_EQ(Json(std::numeric_limits<double>::quiet_NaN()).dump(), "null");
    for (const double value : {1.0 / 3, 123456789.123456789, 1e14 / 3, 1e15, -1e-4, 1e-300}) {
        EXPECT_EQ(parse_json(Json(value).dump()).number(), value);
    }
}

TEST(Json, TextIsEscapedAndMadeUtf8) {
    EXPECT_EQ(Json("a\"\\\b\f\n\r\t\x01\x1f\x7f").dump(),
              "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
    EXPECT_EQ(Json("käse\xff\xe2\x82").dump(), "\"käse\uFFFD\uFFFD\"");
    EXPECT_EQ(Json(std::string("\0", 1)).dump(), "\"\\u0000\"");
    EXPECT_EQ((Json{{"a\nb", 1}}).dump(), R"({"a\nb":1})");
}

TEST(JsonValue, IsWhatWasWritten) {
    const JsonValue json = parse_json(
        R"({"text":"a\u00e4","yes":true,"no":null,"whole":-5,"big":18446744073709551615,"part":0.5,"list":[1,2]})");
    EXPECT_EQ(json.at("text").text(), "aä");
    EXPECT_TRUE(json.at("yes").boolean());
    EXPECT_TRUE(json.at("no").is(JsonValue::Kind::null));
    EXPECT_EQ(json.at("whole").whole<int>(), -5);
    EXPECT_EQ(json.at("whole").number(), -5);
    EXPECT_EQ(json.at("big").whole<std::uint64_t>(), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(json.at("part").number(), 0.5);
    EXPECT_EQ(json.at("list").items().size(), 2U);
    EXPECT_EQ(json.members().size(), 7U);
    EXPECT_EQ(json.find("other"), nullptr);
    EXPECT_EQ(json.text_of("text"), "aä");
    EXPECT_EQ(json.text_of("yes"), "");
    EXPECT_EQ(json.text_of("other"), "");
}

TEST(JsonValue, OfTwoMembersWithOneKeyTheLastCounts) {
    const JsonValue json = parse_json(R"({"a":{"b":1},"a":{"c":2}})");
    EXPECT_EQ(json.at("a").members().size(), 1U);
    EXPECT_EQ(json.at("a").at("c").whole<int>(), 2);
}

TEST(JsonValue, WhatIsNotThereOrOfAnotherKindIsAnError) {
    const JsonValue json = parse_json(R"({"a":1.5,"b":300,"c":-1,"d":"text"})");
    EXPECT_THROW(json.at("x"), JsonError);
    EXPECT_THROW(json.at("a").whole<int>(), JsonError);
    EXPECT_THROW(json.at("b").whole<std::uint8_t>(), JsonError);
    EXPECT_THROW(json.at("c").whole<std::uint64_t>(), JsonError);
    EXPECT_THROW(json.at("d").number(), JsonError);
    EXPECT_THROW(json.at("d").items(), JsonError);
    EXPECT_THROW(json.at("d").at("e"), JsonError);
    EXPECT_THROW(json.text(), JsonError);
}

TEST(JsonValue, TextThatIsNotJsonOrTooDeepIsAnError) {
    for (const char* const text : {"", "{", "[1,]", "{} x", "\"\xff\"", "1e999", "nul"}) {
        EXPECT_THROW(parse_json(text), JsonError) << text;
    }
    EXPECT_NO_THROW(parse_json(std::string(32, '[') + std::string(32, ']')));
    EXPECT_THROW(parse_json(std::string(33, '[') + std::string(33, ']')), JsonError);
    EXPECT_THROW(parse_json(std::string(1'000'000, '[')), JsonError);
}

}  // namespace
}  // namespace halfclosed::text
