#include "exporters/auth/access_policy.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "config_file.h"
#include "hashes.h"

namespace halfclosed::auth {
namespace {

std::string refusal(const GuardFile& file) {
    try {
        const Guard guard(file.path());
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "taken";
}

TEST(Guard, WithoutTlsItSpeaksPlainly) {
    const GuardFile file(std::string("basic_auth_users: {one: ") + kHashOfSecret + "}\n");
    const Guard guard(file.path());
    EXPECT_EQ(guard.tls(), nullptr);
    EXPECT_FALSE(guard.users().empty());
}

TEST(Guard, WhatIsNoCertificateIsRefused) {
    const GuardFile file("tls_server_config: {cert_file: a.crt, key_file: a.key}\n");
    file.write("a.crt", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
    file.write("a.key", "nonsense");
    EXPECT_EQ(refusal(file).find(file.path() + ": tls_server_config.cert_file, key_file: "), 0U)
        << refusal(file);
}

}  // namespace
}  // namespace halfclosed::auth
