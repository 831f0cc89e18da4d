// Every test of this program runs in a network namespace that nobody else has.

#include <gtest/gtest.h>

#include "ground/private_namespace.h"

namespace {

class OwnNamespace : public testing::Environment {
 public:
    void SetUp() override { halfclosed::ground::enter_private_namespace(); }
};

[[maybe_unused]] const testing::Environment* const kOwnNamespace =
    testing::AddGlobalTestEnvironment(new OwnNamespace);

}  // namespace
