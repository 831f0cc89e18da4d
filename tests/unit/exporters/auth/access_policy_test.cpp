#include "exporters/auth/access_policy.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "config_file.h"
#include "hashes.h"

namespace halfclosed::auth {
namespace {

std::string refusal(const GuardFile& file) {
    try {
        const AccessPolicy policy(file.path());
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "taken";
}

TEST(AccessPolicy, WithoutTlsItSpeaksPlainly) {
    const GuardFile file(std::string("basic_auth_users: {one: ") + kHashOfSecret + "}\n");
    const AccessPolicy policy(file.path());
    EXPECT_EQ(policy.tls(), nullptr);
    EXPECT_FALSE(policy.users().empty());
}

TEST(AccessPolicy, WhatIsNoCertificateIsRefused) {
    const GuardFile file("tls_server_config: {cert_file: a.crt, key_file: a.key}\n");
    file.write("a.crt", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
    file.write("a.key", "nonsense");
    EXPECT_EQ(refusal(file).find(file.path() + ": tls_server_config.cert_file, key_file: "), 0U)
        << refusal(file);
}

}  // namespace
}  // namespace halfclosed::auth
