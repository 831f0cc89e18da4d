#include "text/utf8.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

namespace halfclosed::text {
namespace {

/// A second opinion: nlohmann-json's dump throws on text that is not UTF-8.
bool is_valid(const std::string& text) {
    try {
        static_cast<void>(nlohmann::json(text).dump());
        return true;
    } catch (const nlohmann::json::type_error&) {
        return false;
    }
}

TEST(Printable, LeavesPrintableTextAlone) {
    for (const std::string text : {"", "nginx.service", "größe \u00A0", "半闭", "\U0001F50C",
                                   "\u07FF\uFFFF", "\u200D\u2030", "عربي"}) {
        EXPECT_EQ(printable(text), text);
        EXPECT_EQ(find_unprintable(text), std::string::npos);
    }
}

TEST(Printable, ReplacesWhatIsNotUtf8) {
    EXPECT_EQ(printable("a\xFFz"), "a\uFFFDz");
    EXPECT_EQ(printable("cut\xE5\x8D"), "cut\uFFFD\uFFFD") << "/proc/PID/comm cuts after 15 bytes";
    EXPECT_EQ(printable("\xC0\xAF"), "\uFFFD\uFFFD") << "overlong";
    EXPECT_EQ(printable("\xE0\x80\xAF"), "\uFFFD\uFFFD\uFFFD") << "overlong";
    EXPECT_EQ(printable("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "surrogate";
    EXPECT_EQ(printable("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD") << "past U+10FFFF";
}

/// Every character that a terminal obeys, or that shows a line otherwise than it is.
std::vector<std::string> controls() {
    std::vector<std::string> all;
    for (int byte = 0; byte < 0x20; ++byte) {
        all.emplace_back(1, static_cast<char>(byte));
    }
    all.emplace_back("\x7F");
    for (int second = 0x80; second < 0xA0; ++second) {
        all.push_back({'\xC2', static_cast<char>(second)});
    }
    for (const char* mark :
         {"\u061C", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202B", "\u202C", "\u202D",
          "\u202E", "\u2066", "\u2067", "\u2068", "\u2069"}) {
        all.emplace_back(mark);
    }
    return all;
}

TEST(Printable, ReplacesEveryControlCharacter) {
    EXPECT_EQ(printable("\x1b[31mred"), "\uFFFD[31mred");
    for (const std::string& control : controls()) {
        EXPECT_EQ(printable("a" + control + "z"), "a\uFFFDz") << std::hex << int(control.back());
        EXPECT_EQ(find_unprintable("aé" + control), 3U) << std::hex << int(control.back());
    }
}

TEST(PrintableLines, KeepsNewlinesAndTabsAlone) {
    for (const std::string& control : controls()) {
        const bool kept = control == "\n" || control == "\t";
        EXPECT_EQ(printable_lines(control), kept ? control : "\uFFFD");
    }
    EXPECT_EQ(printable_lines("a\r\n"), "a\uFFFD\n");
}

TEST(Printable, OfAnyBytesIsValidAndStable) {
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
        const std::string clean = printable(text);
        ASSERT_TRUE(is_valid(clean));
        ASSERT_EQ(find_unprintable(clean), std::string::npos);
        ASSERT_EQ(printable(clean), clean);
        changed += clean != text ? 1 : 0;
        if (clean != text) {
            ASSERT_NE(find_unprintable(text), std::string::npos);
        }
    }
    EXPECT_GT(changed, 10'000);
}

TEST(Columns, CountsCharacters) {
    EXPECT_EQ(columns("≥ 4m12s"), 7U);
    EXPECT_EQ(columns(""), 0U);
}

}  // namespace
}  // namespace halfclosed::text
