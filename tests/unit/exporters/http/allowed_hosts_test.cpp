#include "exporters/http/allowed_hosts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace halfclosed::exporters {
namespace {

TEST(AllowedHosts, ThisMachineByAnyOfItsNames) {
    AllowedHosts hosts({});
    std::array<char, 256> name{};
    gethostname(name.data(), name.size() - 1);
    for (const std::string& host :
         {std::string("localhost"), std::string("LocalHost:10999"), std::string("localhost."),
          std::string("127.0.0.1"), std::string("127.9.9.9:80"), std::string("[::1]:10999"),
          std::string(name.data()), std::string(name.data()) + ":1", std::string()}) {
        EXPECT_TRUE(hosts.allows(host)) << host;
    }
}

TEST(AllowedHosts, NobodyElse) {
    AllowedHosts hosts({});
    for (const char* host : {"evil.example",
                             "localhost.evil.example",
                             "evil.example:10999",
                             "198.51.100.1",
                             "198.51.100.1:80",
                             "[2001:db8::1]",
                             "127.0.0.1.evil.example",
                             "127.1",
                             "2130706433",
                             "x",
                             "[",
                             "[]",
                             "[localhost",
                             "[localhost]",
                             "[::1",
                             "[127.0.0.1]",
                             ":",
                             ":80",
                             "localhost@evil.example",
                             "evil.example, localhost"}) {
        EXPECT_FALSE(hosts.allows(host)) << host;
    }
}

TEST(AllowedHosts, NamesAndAddressesCanBeAdded) {
    AllowedHosts hosts({"Metrics.Example", "198.51.100.1", "2001:db8::1"});
    for (const char* host : {"metrics.example:9", "METRICS.EXAMPLE", "198.51.100.1:1", "localhost",
                             "[2001:DB8:0::1]:1"}) {
        EXPECT_TRUE(hosts.allows(host)) << host;
    }
    EXPECT_FALSE(hosts.allows("other.example"));
    EXPECT_FALSE(hosts.allows("198.51.100.2"));
}

TEST(AllowedHosts, HostsCompletesTheNameOfThisMachine) {
    const std::string hosts =
        "127.0.0.1 localhost ads.example\n127.0.1.1 Web1.example.org web1 # web1.comment\n"
        "198.51.100.7 web12.example.org\n\n#198.51.100.8 web1.old.example\n";
    EXPECT_EQ(whole_names("web1", hosts), std::vector<std::string>{"web1.example.org"});
    EXPECT_EQ(whole_names("web1.example.org", hosts), std::vector<std::string>{"web1.example.org"});
    EXPECT_EQ(whole_names("other", hosts), std::vector<std::string>{});
}

TEST(AllowedHosts, OnlyAHostCanBeAdded) {
    for (const char* text : {"", "a b", "host:80", "http://host", "*", "[::1]", "ho/st"}) {
        EXPECT_THROW(parse_host_name(text), std::invalid_argument) << text;
    }
    for (const char* text : {"host", "a.b-c.example", "198.51.100.1", "::1", "snake_case"}) {
        EXPECT_EQ(parse_host_name(text), text);
    }
}

}  // namespace
}  // namespace halfclosed::exporters
