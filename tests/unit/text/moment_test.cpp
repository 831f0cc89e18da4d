#include "text/moment.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include "text/size.h"
#include "text/time.h"

namespace halfclosed::text {
namespace {

using namespace std::chrono_literals;

/// In Berlin, where it is an hour later than in UTC.
class ParseMoment : public testing::Test {
 protected:
    ParseMoment() {
        ::setenv("TZ", "CET-1", 1);
        ::tzset();
    }
    ~ParseMoment() override {
        ::unsetenv("TZ");
        ::tzset();
    }
    std::string parsed(const std::string& text) const { return rfc3339(parse_moment(text, now_)); }

    const WallTime now_{1'795'750'200s};  // 2026-11-27T03:30:00Z
};

/// The year 2500 was taken for 1915.
TEST_F(ParseMoment, AYearBeyondTheClockDoesNotWrapAround) {
    for (const char* const late : {"2500-01-01T00:00:00Z", "2926-01-31T03:04:05Z", "9999-12-31",
                                   "9999-12-31T23:59:60.999999999-99:99"}) {
        EXPECT_THROW(parse_moment(late, now_), std::invalid_argument) << late;
    }
    for (const char* const early :
         {"0000-01-01T00:00:00Z", "1000-01-01", "0000-01-01T00:00:00+99:99"}) {
        EXPECT_LT(parse_moment(early, now_), WallTime{}) << early;
    }
}

TEST_F(ParseMoment, TakesWhatPeopleWrite) {
    EXPECT_EQ(parsed("2026-11-27T02:12:00Z"), "2026-11-27T02:12:00.000Z");
    EXPECT_EQ(parsed("2026-11-27T02:12:00.5Z"), "2026-11-27T02:12:00.500Z");
    EXPECT_EQ(parsed("2026-11-27T02:12:00.123456789123Z"), "2026-11-27T02:12:00.123Z");
    EXPECT_EQ(parsed("2026-11-27 03:12:07.25"), "2026-11-27T02:12:07.250Z");
    EXPECT_EQ(parsed("03:12:05.75"), "2026-11-27T02:12:05.750Z");
    EXPECT_EQ(parsed("2024-02-29T00:00Z"), "2024-02-29T00:00:00.000Z");
    EXPECT_EQ(parsed("2026-11-27T03:12:00+01:00"), "2026-11-27T02:12:00.000Z");
    EXPECT_EQ(parsed("2026-11-27 03:12"), "2026-11-27T02:12:00.000Z");
    EXPECT_EQ(parsed("2026-11-26"), "2026-11-25T23:00:00.000Z");
    EXPECT_EQ(parsed("03:12"), "2026-11-27T02:12:00.000Z");
    EXPECT_EQ(parsed("03:12:05"), "2026-11-27T02:12:05.000Z");
    EXPECT_EQ(parsed("1h30m"), "2026-11-27T02:00:00.000Z");
    EXPECT_EQ(parsed("now"), "2026-11-27T03:30:00.000Z");
}

TEST_F(ParseMoment, ATimeOfDayIsTheLastThatWas) {
    EXPECT_EQ(parsed("23:00"), "2026-11-26T22:00:00.000Z");
}

TEST_F(ParseMoment, RefusesTheRestAndNamesIt) {
    for (const char* text :
         {"", "25:00", "03:61", "2026-13-01", "2026-11-27T03:12:00+1", "yesterday", "03:12x",
          "2026-02-31", "2025-02-29T00:00:00Z", "2026-00-10", "2026-11-00", "03:12:05.",
          "03:12:05.x", "2026-11-27T09:00:00Z"}) {
        try {
            parse_moment(text, now_);
            ADD_FAILURE() << text;
        } catch (const std::invalid_argument& error) {
            EXPECT_NE(std::string(error.what()).find("'" + std::string(text) + "'"),
                      std::string::npos)
                << error.what();
        }
    }
}

TEST(ParseSize, TakesUnitsOf1000AndOf1024) {
    EXPECT_EQ(parse_size("64MB"), 64'000'000U);
    EXPECT_EQ(parse_size("64MiB"), 64U << 20U);
    EXPECT_EQ(parse_size("1GB"), 1'000'000'000U);
    EXPECT_EQ(parse_size("500kB"), 500'000U);
    EXPECT_EQ(parse_size("123"), 123U);
    for (const char* text : {"", "MB", "-1MB", "1 MB", "1XB", "99999999999999999999", "1.5GB",
                             "18446744073709551615GB"}) {
        EXPECT_THROW(parse_size(text), std::invalid_argument) << text;
    }
}

}  // namespace
}  // namespace halfclosed::text
