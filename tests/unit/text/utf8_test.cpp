#include "text/utf8.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace halfclosed::text {
namespace {

using namespace std::string_literals;

/// A second opinion: nlohmann-json's dump throws on text that is not UTF-8.
bool is_valid(const std::string& text) {
    try {
        static_cast<void>(nlohmann::json(text).dump());
        return true;
    } catch (const nlohmann::json::type_error&) {
        return false;
    }
}

TEST(ValidUtf8, LeavesValidTextAlone) {
    for (const std::string text :
         {"", "nginx.service", "größe", "半闭", "\U0001F50C", "a\tb\n", "\x7F", "\u07FF\uFFFF"}) {
        EXPECT_EQ(valid_utf8(text), text);
    }
}

TEST(ValidUtf8, ReplacesWhatIsWrong) {
    EXPECT_EQ(valid_utf8("a\xFFz"), "a\uFFFDz");
    EXPECT_EQ(valid_utf8("cut\xE5\x8D"), "cut\uFFFD\uFFFD") << "/proc/PID/comm cuts after 15 bytes";
    EXPECT_EQ(valid_utf8("\xC0\xAF"), "\uFFFD\uFFFD") << "overlong";
    EXPECT_EQ(valid_utf8("\xE0\x80\xAF"), "\uFFFD\uFFFD\uFFFD") << "overlong";
    EXPECT_EQ(valid_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "surrogate";
    EXPECT_EQ(valid_utf8("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD") << "past U+10FFFF";
    EXPECT_EQ(valid_utf8("a\0b"s), "a\uFFFDb");
}

TEST(ValidUtf8, OfAnyBytesIsValidAndStable) {
    std::mt19937 random(7);
    std::uniform_int_distribution<int> byte(0, 255);
    std::uniform_int_distribution<int> length(0, 24);
    int changed = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (int i = length(random); i > 0; --i) {
            // Half of them from the bytes where the rules are.
            text += static_cast<char>(round % 2 == 0 ? byte(random) : 0xC0 | byte(random));
        }
        const std::string valid = valid_utf8(text);
        ASSERT_TRUE(is_valid(valid));
        ASSERT_EQ(valid.find('\0'), std::string::npos);
        ASSERT_EQ(valid_utf8(valid), valid);
        if (is_valid(text) && text.find('\0') == std::string::npos) {
            ASSERT_EQ(valid, text);
        } else {
            ++changed;
        }
    }
    EXPECT_GT(changed, 10'000);
}

TEST(Printable, TakesAwayWhatATerminalWouldObey) {
    EXPECT_EQ(printable("\x1b[31mred"), "\uFFFD[31mred");
    EXPECT_EQ(printable("\u009b31m"), "\uFFFD31m");
    EXPECT_EQ(printable("line\nline\r\x7F"), "line\uFFFDline\uFFFD\uFFFD");
    EXPECT_EQ(printable("größe \u00A0"), "größe \u00A0");
}

TEST(Columns, CountsCharacters) {
    EXPECT_EQ(columns("≥ 4m12s"), 7U);
    EXPECT_EQ(columns(""), 0U);
}

}  // namespace
}  // namespace halfclosed::text
