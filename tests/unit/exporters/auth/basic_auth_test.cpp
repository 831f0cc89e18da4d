#include "exporters/auth/basic_auth.h"

#include <gtest/gtest.h>

namespace halfclosed::auth {
namespace {

TEST(BasicCredentials, ReadsNameAndPassword) {
    // RFC 7617, section 2
    EXPECT_EQ(basic_credentials("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
              (Credentials{"Aladdin", "open sesame"}));
    EXPECT_EQ(basic_credentials("basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
              (Credentials{"Aladdin", "open sesame"}));
    EXPECT_EQ(basic_credentials("Basic dXNlcjphOmI="), (Credentials{"user", "a:b"}))
        << "the first colon counts";
    EXPECT_EQ(basic_credentials("Basic Og=="), (Credentials{"", ""}));
    EXPECT_EQ(basic_credentials("Basic dToAAQ=="), (Credentials{"u", std::string("\0\1", 2)}))
        << "any byte";
}

TEST(BasicCredentials, RefusesWhatIsNot) {
    for (const char* header :
         {"", "Basic", "Basic ", "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Basic QWxhZGRpbg==",
          "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ",
          "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ== ", "Basic  Og==",
          "Basic ====", "Basic O*==", "Basic Og==Og==", "BasicOg=="}) {
        EXPECT_EQ(basic_credentials(header), std::nullopt) << header;
    }
}

TEST(BasicCredentials, EveryByteIsRefusedOrRead) {
    for (int byte = 0; byte < 256; ++byte) {
        std::string header = "Basic dXNlcjpwYXNz";
        for (std::size_t place = 6; place < header.size(); ++place) {
            std::string changed = header;
            changed[place] = static_cast<char>(byte);
            const auto read = basic_credentials(changed);
            const bool shorter = byte == '=';  // padding
            EXPECT_TRUE(!read || shorter || read->user.size() + read->password.size() == 8)
                << changed;
        }
    }
}

}  // namespace
}  // namespace halfclosed::auth
