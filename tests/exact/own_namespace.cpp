// Every test of this program runs in a network namespace that nobody else has.

#include <gtest/gtest.h>

#include "ground/private_namespace.h"

namespace {

class OwnNamespace : public testing::Environment {
 public:
    void SetUp() override {
        halfclosed::ground::enter_private_namespace();
        // A namespace with a small table has room for few TIME-WAITs; beyond, a socket ends without one.
        halfclosed::ground::set_sysctl("net/ipv4/tcp_max_tw_buckets", "1000000");
    }
};

[[maybe_unused]] const testing::Environment* const kOwnNamespace =
    testing::AddGlobalTestEnvironment(new OwnNamespace);

}  // namespace
