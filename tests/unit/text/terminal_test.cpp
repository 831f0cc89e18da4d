#include "text/terminal.h"

#include <gtest/gtest.h>

#include "text/utf8.h"

namespace halfclosed::text {
namespace {

TEST(Cut, WhatFitsStaysAndTheRestEndsInDots) {
    EXPECT_EQ(cut("shop.service", 12), "shop.service");
    EXPECT_EQ(cut("shop.service", 11), "shop.servi…");
    EXPECT_EQ(cut("shop.service", 1), "…");
    EXPECT_EQ(cut("shop.service", 0), "");
    EXPECT_EQ(cut("", 0), "");
}

TEST(Cut, CharactersOfSeveralBytesStayWhole) {
    EXPECT_EQ(cut("ééé", 3), "ééé");
    EXPECT_EQ(cut("ééé", 2), "é…");
    for (std::size_t width = 1; width < 8; ++width) {
        EXPECT_LE(columns(cut("→a€b→c€d", width)), width);
    }
}

}  // namespace
}  // namespace halfclosed::text
