#include "exporters/auth/bcrypt.h"

#include <gtest/gtest.h>

#include "hashes.h"

namespace halfclosed::auth {
namespace {

TEST(Bcrypt, KnowsTheCost) {
    EXPECT_EQ(bcrypt_cost(kHashOfSecret), 4);
    std::string dearer = kHashOfSecret;
    dearer.replace(4, 2, "31");
    EXPECT_EQ(bcrypt_cost(dearer), 31);
}

TEST(Bcrypt, OtherTextIsNoHash) {
    const std::string hash = kHashOfSecret;
    for (std::size_t length = 0; length < hash.size(); ++length) {
        EXPECT_EQ(bcrypt_cost(hash.substr(0, length)), std::nullopt) << length;
    }
    EXPECT_EQ(bcrypt_cost(hash + "."), std::nullopt);
    EXPECT_EQ(bcrypt_cost("secret"), std::nullopt);
    EXPECT_EQ(bcrypt_cost("$6$" + std::string(57, 'a')), std::nullopt) << "SHA-512";
    for (const char* cost : {"03", "32", "1a", "a1"}) {
        std::string other = hash;
        other.replace(4, 2, cost);
        EXPECT_EQ(bcrypt_cost(other), std::nullopt) << cost;
    }
    std::string broken = hash;
    broken[2] = 'x';  // the variant with the sign bug
    EXPECT_EQ(bcrypt_cost(broken), std::nullopt);
    broken = hash;
    broken[30] = '*';
    EXPECT_EQ(bcrypt_cost(broken), std::nullopt);
}

TEST(Bcrypt, OnlyThePasswordMatches) {
    EXPECT_TRUE(bcrypt_matches("secret", kHashOfSecret));
    for (const std::string& wrong :
         {std::string(), std::string("Secret"), std::string("secret "), std::string("secre"),
          std::string("secret\0x", 8), std::string(2000, 's')}) {
        EXPECT_FALSE(bcrypt_matches(wrong, kHashOfSecret)) << wrong;
    }
}

/// Vectors that others publish: libxcrypt's own, and Go's golang.org/x/crypto/bcrypt.
TEST(Bcrypt, TheVariantsAreOne) {
    for (const char variant : {'a', 'b', 'y'}) {
        std::string hash = kHashOfSecret;
        hash[2] = variant;
        EXPECT_TRUE(bcrypt_matches("secret", hash)) << variant;
    }
    EXPECT_TRUE(
        bcrypt_matches("allmine", "$2a$10$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga"));
}

TEST(Bcrypt, NobodysHashIsWorkForNothing) {
    for (const int cost : {4, 10}) {
        EXPECT_EQ(bcrypt_cost(nobodys_hash(cost)), cost);
        EXPECT_FALSE(bcrypt_matches("", nobodys_hash(cost)));
        EXPECT_FALSE(bcrypt_matches("secret", nobodys_hash(cost)));
    }
}

}  // namespace
}  // namespace halfclosed::auth
