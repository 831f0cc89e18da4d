#include "cli/options.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

TEST(ParsePortRange, AServiceThatIsMisspelledIsSuggested) {
    try {
        parse_port_range("htps");
        FAIL() << "accepted";
    } catch (const std::invalid_argument& error) {
        EXPECT_NE(std::string(error.what()).find("did you mean 'https'?"), std::string::npos)
            << error.what();
    }
}

TEST(ParsePortRange, TakesAPortOrARange) {
    EXPECT_EQ(parse_port_range("9999"), (PortRange{9999, 9999}));
    EXPECT_EQ(parse_port_range("1"), (PortRange{1, 1}));
    EXPECT_EQ(parse_port_range("65535"), (PortRange{65535, 65535}));
    EXPECT_EQ(parse_port_range("8000-8999"), (PortRange{8000, 8999}));
    EXPECT_EQ(parse_port_range("80-80"), (PortRange{80, 80}));
}

TEST(ParsePortRange, TakesAServiceAndAllPorts) {
    EXPECT_EQ(parse_port_range("all"), kEveryPort);
    EXPECT_EQ(parse_port_range("ssh"), (PortRange{22, 22}));
    EXPECT_EQ(parse_port_range("http-alt"), (PortRange{8080, 8080}));
}

TEST(ParsePortRange, RefusesAnythingElse) {
    for (const char* text : {"", "0", "70000", "65536", "10-5", "-5", "5-", "1-2-3",
                             "no-such-service", "ALL", "all-", "80 ", "0x50", "0-80", "+80"}) {
        EXPECT_THROW(parse_port_range(text), std::invalid_argument) << text;
    }
}

}  // namespace
}  // namespace halfclosed
