"""What members and cards hold, and how much of it may be let go: points, coupons, purses, gift cards."""
