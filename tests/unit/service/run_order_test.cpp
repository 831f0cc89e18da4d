#include "service/run_order.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

namespace halfclosed {
namespace {

constexpr std::chrono::minutes kMostHold{10};

http::Request with(const std::string& key, const std::string& value) {
    http::Request request;
    request.query[key] = value;
    return request;
}

TEST(RunOrder, ThePathNamesTheScenario) {
    EXPECT_EQ(scenario_to_run("/api/v1/scenarios/late-close/run"), "late-close");
    EXPECT_EQ(scenario_to_run("/api/v1/scenarios/a/run/run"), "a/run");
    for (const char* const other :
         {"", "/api/v1/scenarios", "/api/v1/scenarios/", "/api/v1/scenarios/run",
          "/api/v1/scenarios//run", "/api/v1/scenarios/late-close", "/api/v1/scenarios/a/run/"}) {
        EXPECT_EQ(scenario_to_run(other), std::nullopt) << other;
    }
}

TEST(RunOrder, ParametersAreTheFlagsWithinTheirBounds) {
    EXPECT_EQ(run_parameters({}, kMostHold), scenarios::RunParameters());
    EXPECT_EQ(run_parameters(with("hold", "10m"), kMostHold).hold, kMostHold);
    EXPECT_EQ(run_parameters(with("fin-timeout", "5s"), kMostHold).fin_timeout,
              std::chrono::seconds{5});
    for (const auto& [key, value] :
         {std::pair{"hold", "11m"}, std::pair{"hold", "-1s"}, std::pair{"fin-timeout", "0s"},
          std::pair{"fin-timeout", "61s"}, std::pair{"timeout", "1s"}}) {
        EXPECT_THROW(run_parameters(with(key, value), kMostHold), std::invalid_argument)
            << key << "=" << value;
    }
}

}  // namespace
}  // namespace halfclosed
