#include "service/next_start.h"

#include <gtest/gtest.h>

namespace halfclosed {
namespace {

TEST(NextStart, NothingWaitsOfWhatAReloadPutsInForce) {
    ServeOptions wanted;
    wanted.ports = {{80, 80}};
    wanted.leak_after = std::chrono::seconds{5};
    wanted.max_sockets = 7;
    wanted.self_test_interval = std::chrono::minutes{15};
    EXPECT_EQ(for_the_next_start({}, wanted), "");
}

TEST(NextStart, WhatWaitsIsNamed) {
    ServeOptions wanted;
    wanted.listen = {"127.0.0.1:1"};
    EXPECT_EQ(for_the_next_start({}, wanted), "--listen takes effect at the next start");
    wanted.exact = ServeOptions::Exact::off;
    EXPECT_EQ(for_the_next_start({}, wanted), "--listen and --exact take effect at the next start");
    wanted.state_directory = "/var/lib/halfclosed";
    EXPECT_EQ(for_the_next_start({}, wanted),
              "--listen, --state-dir and --exact take effect at the next start");
}

}  // namespace
}  // namespace halfclosed
