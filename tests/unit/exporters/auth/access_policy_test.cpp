#include "exporters/auth/access_policy.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>

#include "certificate.h"
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
    EXPECT_TRUE(policy.authenticates());
}

TEST(AccessPolicy, OnlyAPasswordOrAVerifiedCertificateSaysWhoAsks) {
    const GuardFile headers("http_server_config: {headers: {X-Frame-Options: deny}}\n");
    EXPECT_FALSE(AccessPolicy(headers.path()).authenticates());
    const GuardFile users(std::string("basic_auth_users: {one: ") + kHashOfSecret + "}\n");
    EXPECT_TRUE(AccessPolicy(users.path()).authenticates());
    const Certificate own = self_signed();
    for (const auto& [asked, authenticated] :
         {std::pair{"NoClientCert", false}, std::pair{"RequestClientCert", false},
          std::pair{"RequireAnyClientCert", false},
          std::pair{"RequireAndVerifyClientCert", true}}) {
        const std::string verified =
            std::string(asked) == "RequireAndVerifyClientCert" ? "\n  client_ca_file: ca.crt" : "";
        const GuardFile file(
            std::string("tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n"
                        "  client_auth_type: ") +
            asked + verified + "\n");
        file.write("a.crt", own.certificate);
        file.write("a.key", own.key);
        file.write("ca.crt", own.certificate);
        EXPECT_EQ(AccessPolicy(file.path()).authenticates(), authenticated) << asked;
    }
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
