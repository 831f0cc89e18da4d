#include "http/stream.h"

#include <gtest/gtest.h>

#include <array>

namespace halfclosed::http {
namespace {

class StreamOfTenBytes : public testing::Test {
 protected:
    /// What one read of up to five bytes gives; "wait" and "end" where it gives none.
    std::string read() {
        std::array<char, 5> room{};
        const auto count = stream_.read(
            room.data(), room.size(), [this] { ++waits_; }, [this] { ++wakes_; });
        if (!count) {
            return "end";
        }
        return *count == 0 ? "wait" : std::string(room.data(), *count);
    }

    int gone_ = 0;
    int waits_ = 0;
    int wakes_ = 0;
    Stream stream_{10, [this] { ++gone_; }};
};

TEST_F(StreamOfTenBytes, IsReadPieceByPiece) {
    stream_.write("seven by");
    EXPECT_EQ(read(), "seven");
    EXPECT_EQ(read(), " by");
    stream_.end();
    EXPECT_EQ(read(), "end");
    EXPECT_EQ(waits_, 0);
    EXPECT_EQ(gone_, 0);
}

TEST_F(StreamOfTenBytes, AReaderThatWaitsIsWokenOnce) {
    EXPECT_EQ(read(), "wait");
    EXPECT_EQ(waits_, 1);
    stream_.write("a");
    stream_.write("b");
    EXPECT_EQ(wakes_, 1);
    EXPECT_EQ(read(), "ab");
    EXPECT_EQ(read(), "wait");
    stream_.end();
    EXPECT_EQ(wakes_, 2);
    EXPECT_EQ(read(), "end");
}

TEST_F(StreamOfTenBytes, WhatWasWrittenBeforeTheEndIsRead) {
    stream_.write("last");
    stream_.end();
    stream_.write("late");
    EXPECT_EQ(read(), "last");
    EXPECT_EQ(read(), "end");
}

TEST_F(StreamOfTenBytes, WhoDoesNotReadIsGone) {
    stream_.write("ten bytes!");
    EXPECT_EQ(gone_, 0);
    stream_.write("1");
    EXPECT_EQ(gone_, 1);
    EXPECT_EQ(read(), "end");
    stream_.gone();
    EXPECT_EQ(gone_, 1) << "told once";
}

TEST_F(StreamOfTenBytes, NobodyIsGoneAfterTheEnd) {
    stream_.end();
    stream_.gone();
    EXPECT_EQ(gone_, 0);
}

}  // namespace
}  // namespace halfclosed::http
