#include "daemon/options.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, TakesANumberAndAUnit) {
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("2s"), 2s);
    EXPECT_EQ(parse_duration("1.5s"), 1500ms);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("1h"), 1h);
    EXPECT_EQ(parse_duration("250us"), 250us);
    EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(ParseDuration, RefusesAnythingElseAndNamesIt) {
    for (const char* text :
         {"", "5", "s", "-1s", "2 s", "2sec", "1e400s", "nans", "infs", "3x", "99999999999h"}) {
        try {
            parse_duration(text);
            ADD_FAILURE() << "'" << text << "' was taken for a duration";
        } catch (const std::invalid_argument& error) {
            EXPECT_NE(std::string(error.what()).find("'" + std::string(text) + "'"),
                      std::string::npos);
        }
    }
}

TEST(ParsePortRange, TakesAPortOrARange) {
    EXPECT_EQ(parse_port_range("9999"), (PortRange{9999, 9999}));
    EXPECT_EQ(parse_port_range("1"), (PortRange{1, 1}));
    EXPECT_EQ(parse_port_range("65535"), (PortRange{65535, 65535}));
    EXPECT_EQ(parse_port_range("8000-8999"), (PortRange{8000, 8999}));
    EXPECT_EQ(parse_port_range("80-80"), (PortRange{80, 80}));
}

TEST(ParsePortRange, RefusesAnythingElse) {
    for (const char* text : {"", "0", "70000", "65536", "10-5", "-5", "5-", "1-2-3", "http", "80 ",
                             "0x50", "0-80", "+80"}) {
        EXPECT_THROW(parse_port_range(text), std::invalid_argument) << text;
    }
}

}  // namespace
}  // namespace halfclosed
