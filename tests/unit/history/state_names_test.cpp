#include "history/state_names.h"

#include <gtest/gtest.h>

namespace halfclosed::history {
namespace {

using tracking::Age;
using tracking::Evidence;

TEST(StateNames, EveryKindOfAgeAndEvidenceComesBack) {
    for (const auto kind :
         {Age::Kind::observed, Age::Kind::estimated, Age::Kind::at_least, Age::Kind::exact}) {
        EXPECT_EQ(age_kind_named(name(kind)), kind) << name(kind);
    }
    for (const auto evidence : {Evidence::seen, Evidence::implied, Evidence::exact}) {
        EXPECT_EQ(evidence_named(name(evidence)), evidence) << name(evidence);
    }
}

TEST(StateNames, ANameOfAnotherVersionSaysLeast) {
    EXPECT_EQ(age_kind_named("certain"), Age::Kind::at_least);
    EXPECT_EQ(evidence_named("certain"), std::nullopt);
    EXPECT_EQ(state_named("half_open"), std::nullopt);
}

}  // namespace
}  // namespace halfclosed::history
