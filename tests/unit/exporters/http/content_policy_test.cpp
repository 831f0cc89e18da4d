#include "exporters/http/content_policy.h"

#include <gtest/gtest.h>

namespace halfclosed::exporters {
namespace {

/// The hashes are those of `openssl dgst -sha256 -binary | base64`.
TEST(ContentPolicy, NamesTheStyleSheetByItsHash) {
    EXPECT_EQ(content_policy_with_style("abc"),
              "default-src 'self'; style-src 'self' "
              "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='");
    EXPECT_EQ(content_policy_with_style(""),
              "default-src 'self'; style-src 'self' "
              "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
}

}  // namespace
}  // namespace halfclosed::exporters
