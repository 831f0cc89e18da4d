#include "posix/line_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string_view>
#include <vector>

namespace halfclosed::posix {
namespace {

class LineReaderTest : public testing::Test {
 protected:
    LineReaderTest() {
        int ends[2];
        if (pipe(ends) == 0) {
            read_end_ = Descriptor(ends[0]);
            write_end_ = Descriptor(ends[1]);
        }
    }
    void write(std::string_view text) {
        ASSERT_EQ(::write(write_end_.get(), text.data(), text.size()),
                  static_cast<ssize_t>(text.size()));
    }
    bool read(LineReader& reader) {
        return reader.read([this](const std::string& line) { lines_.push_back(line); });
    }

    Descriptor read_end_;
    Descriptor write_end_;
    std::vector<std::string> lines_;
};

TEST_F(LineReaderTest, PutsLinesTogether) {
    LineReader reader(std::move(read_end_));
    EXPECT_TRUE(read(reader));  // nothing yet
    write("one\ntw");
    EXPECT_TRUE(read(reader));
    EXPECT_EQ(lines_, (std::vector<std::string>{"one"}));
    write("o\n\nthree");
    write_end_ = {};
    EXPECT_FALSE(read(reader));
    EXPECT_EQ(lines_, (std::vector<std::string>{"one", "two", "", "three"}));
    EXPECT_FALSE(read(reader));
    EXPECT_EQ(lines_.size(), 4U);
}

TEST_F(LineReaderTest, GivesUpOnALineThatDoesNotEnd) {
    LineReader reader(std::move(read_end_));
    const std::string much(LineReader::kLongestLine / 2, 'x');
    write(much);
    EXPECT_TRUE(read(reader));
    write(much);
    EXPECT_TRUE(read(reader));
    write("x");
    EXPECT_FALSE(read(reader));
}

}  // namespace
}  // namespace halfclosed::posix
