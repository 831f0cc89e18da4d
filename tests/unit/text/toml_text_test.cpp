#include "text/toml_text.h"

#include <gtest/gtest.h>

namespace halfclosed::text {
namespace {

void expect_refused(std::string_view text, const std::string& what) {
    try {
        parse_toml(text, "f.toml");
        ADD_FAILURE() << text;
    } catch (const TomlError& error) {
        EXPECT_EQ(std::string(error.what()).substr(0, what.size()), what);
    }
}

TEST(TomlText, WhatIsNotUtf8IsRefusedBeforeItIsRead) {
    expect_refused("a = 1\n'\xab'\xab", "f.toml:2: a byte that is not UTF-8");
    expect_refused("a = '\x1b'", "f.toml:1: a byte that is not UTF-8");
}

TEST(TomlText, EndsOfLinesAndTabsAreNoControlCharacters) {
    EXPECT_EQ(parse_toml("a =\t1\r\n# käse →\n", "f.toml").members.at("a").integer, 1);
}

}  // namespace
}  // namespace halfclosed::text
