#include "text/time.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <string>

namespace halfclosed::text {
namespace {

using namespace std::chrono_literals;

TEST(DurationText, HasTwoUnitsAtMost) {
    EXPECT_EQ(duration_text(0ms), "0ms");
    EXPECT_EQ(duration_text(-5s), "0ms");
    EXPECT_EQ(duration_text(99us), "0ms");
    EXPECT_EQ(duration_text(100us), "0.1ms");
    EXPECT_EQ(duration_text(1550us), "1.5ms");
    EXPECT_EQ(duration_text(10ms), "10ms");
    EXPECT_EQ(duration_text(999ms), "999ms");
    EXPECT_EQ(duration_text(1s), "1.0s");
    EXPECT_EQ(duration_text(9999ms), "9.9s");
    EXPECT_EQ(duration_text(10s), "10s");
    EXPECT_EQ(duration_text(59999ms), "59s");
    EXPECT_EQ(duration_text(60s), "1m00s");
    EXPECT_EQ(duration_text(252s), "4m12s");
    EXPECT_EQ(duration_text(1h), "1h00m");
    EXPECT_EQ(duration_text(23h + 59min + 59s), "23h59m");
    EXPECT_EQ(duration_text(51h), "2d03h");
}

TEST(Rfc3339, IsUtcWithMilliseconds) {
    EXPECT_EQ(rfc3339(WallTime{}), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(rfc3339(WallTime{1'769'828'645'678ms}), "2026-01-31T03:04:05.678Z");
    EXPECT_EQ(rfc3339(WallTime{-1ms}), "1969-12-31T23:59:59.999Z");
}

TEST(LocalTimeOfDay, FollowsTheTimeZone) {
    setenv("TZ", "UTC-2", 1);
    tzset();
    EXPECT_EQ(local_time_of_day(WallTime{1'769'828'645'678ms}), "05:04:05.678");
    unsetenv("TZ");
    tzset();
}

TEST(ParseDuration, TakesANumberAndAUnit) {
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("2s"), 2s);
    EXPECT_EQ(parse_duration("1.5s"), 1500ms);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("1h"), 1h);
    EXPECT_EQ(parse_duration("250us"), 250us);
    EXPECT_EQ(parse_duration("0s"), 0s);
    EXPECT_EQ(parse_duration("7d"), 168h);
}

TEST(ParseDuration, TakesSeveralUnitsTheLargerFirst) {
    EXPECT_EQ(parse_duration("1h30m"), 90min);
    EXPECT_EQ(parse_duration("1d2h3m4s5ms6us"), 26h + 3min + 4s + 5ms + 6us);
    EXPECT_EQ(parse_duration("1m500ms"), 60'500ms);
    for (const char* value : {"30m1h", "1h1h", "1h30", "1h 30m", "1h-30m", "h", "1hm"}) {
        EXPECT_THROW(parse_duration(value), std::invalid_argument) << value;
    }
    EXPECT_THROW(parse_duration("106751d24h"), std::invalid_argument) << "past 2^63 ns";
}

TEST(ParseDuration, RefusesAnythingElseAndNamesIt) {
    for (const char* value :
         {"", "5", "s", "-1s", "2 s", "2sec", "1e400s", "nans", "infs", "3x", "99999999999h"}) {
        try {
            parse_duration(value);
            ADD_FAILURE() << "'" << value << "' was taken for a duration";
        } catch (const std::invalid_argument& error) {
            EXPECT_NE(std::string(error.what()).find("'" + std::string(value) + "'"),
                      std::string::npos);
        }
    }
}

}  // namespace
}  // namespace halfclosed::text
